import type { BenchOptions } from "../options.ts";
import type { PeerName } from "../peer/peer.ts";
import type { Placement } from "../process/placement.ts";
import type { Machine } from "./machine.ts";
import type { Sample } from "./sample.ts";

/** A proxy that was measured. */
export interface ReportPeer {
  readonly name: PeerName;
  readonly version: string;
}

/** A program that was not there, and how to get it. */
export interface MissingProgram {
  readonly name: string;
  readonly remedy: string;
}

/** Everything that the Markdown, the plot and the JSON file are made from. */
export interface Report {
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly machine: Machine;
  readonly placement: Placement;
  readonly peers: readonly ReportPeer[];
  readonly missing: readonly MissingProgram[];
  /** The names of the load generator and the backend, with versions. */
  readonly load: string;
  readonly backend: string;
  /** What was asked for, without the place of the report, which is nobody else's business. */
  readonly options: Omit<BenchOptions, "outFolder" | "isHelp">;
  readonly ratePerSecond: number | null;
  readonly samples: readonly Sample[];
}
