import type { LoadProgram } from "./programs.ts";
import type { LoadRequest } from "./request.ts";

/** One run of a closed loop against 127.0.0.1, in which each waits for its answer. */
export interface LoopOptions extends LoadRequest {
  /** Where one file is several programs, which of them. */
  readonly program: LoadProgram;
  readonly port: number;
  readonly connectionCount: number;
  /** Streams at a time on each connection that can carry several. */
  readonly streamCount: number;
  readonly durationMs: number;
  readonly tlsFolder: string;
}

/** What came of it. */
export interface LoopResult {
  readonly completedCount: number;
  readonly failedCount: number;
}

/** Adds up what the connections did. */
export function sumResults(results: readonly LoopResult[]): LoopResult {
  return {
    completedCount: results.reduce((sum, { completedCount }) => sum + completedCount, 0),
    failedCount: results.reduce((sum, { failedCount }) => sum + failedCount, 0),
  };
}
