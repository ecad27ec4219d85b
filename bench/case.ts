import type { Configuration } from "./config/configuration.ts";
import type { CountedUnit, FigureName } from "./figure/figures.ts";
import type { LoadProgram } from "./load/programs.ts";
import type { LoadRequest } from "./load/request.ts";

/** One thing that is measured on every proxy. */
export interface Case {
  /** As `--only` takes it. */
  readonly name: string;
  readonly title: string;
  /**
   * `saturation`: as fast as it goes, from wrk or h2load. `latency`: open loop at a fixed rate.
   * `memory`: at rest and with idle connections. All others: a closed loop of our own.
   */
  readonly kind: "saturation" | "latency" | "memory" | LoadProgram;
  readonly configuration: Configuration;
  readonly request: LoadRequest;
  readonly connectionCount: number;
  /** Streams at a time on a connection that carries several; otherwise 1. */
  readonly streamCount: number;
  /** Of the body that is measured, up or down. */
  readonly bodyBytes: number;
  /** What the cost is told for. */
  readonly unit: CountedUnit;
  /** The figure that the report compares and plots. */
  readonly headline: FigureName;
}

/** From here on the cost per GB is told, too. */
const VOLUME_BYTES_MIN = 10_000;

/** True where CPU time per GB is worth telling. */
export function isVolume({ bodyBytes }: Case): boolean {
  return bodyBytes >= VOLUME_BYTES_MIN;
}
