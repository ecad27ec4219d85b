import type { ConnectionFacts } from "../listener/connection-facts.ts";
import type { FilterChainModel } from "../config/model.ts";
import type { RunningSnapshot } from "./running-snapshot.ts";

/** A connection that was accepted and belongs to a filter chain, as its listener sees it. */
export interface ServedConnection {
  readonly facts: ConnectionFacts;
  /** Runs with another snapshot as soon as it can. */
  moveTo(snapshot: RunningSnapshot, chain: FilterChainModel, logRecord: number): void;
  /** Asks the peer to go; an idle connection closes, if it shall. */
  drain(closesIdle: boolean): void;
  /** Adds what waits in it to the gauges that a report shows. */
  noteBuffered(): void;
  /** Closes at once. */
  destroy(): void;
}
