import type { Downstream } from "../config/configuration.ts";
import type { LoadRequest } from "./request.ts";

/** One closed-loop run, as fast as the proxy answers. */
export interface SaturationOptions {
  readonly port: number;
  readonly request: LoadRequest;
  readonly downstream: Downstream;
  readonly connectionCount: number;
  /** Streams at a time on each connection; 1 for HTTP/1.1. */
  readonly streamCount: number;
  /** Whole seconds, 1 at least, for that is all the tools take. */
  readonly seconds: number;
  /** For the tool's script. */
  readonly folder: string;
  readonly cores: string | null;
}

/** What came of it. */
export interface Saturation {
  /** Requests answered with 2xx or 3xx. */
  readonly completedCount: number;
  readonly failedCount: number;
  /** How long it really took. */
  readonly seconds: number;
}

/** Runs a saturation with whichever tool is there. */
export type Saturate = (options: SaturationOptions) => Promise<Saturation>;
