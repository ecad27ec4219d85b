import type { MetadataValueModel } from "../config/model.ts";
import type { InternalTransport } from "../engine/internal-transport.ts";
import type { StateEntry } from "./filter-state.ts";

/** What comes with a connection from within the worker. */
export interface InternalOrigin {
  readonly state: readonly StateEntry[];
  readonly metadata: readonly MetadataValueModel[];
  /** What tells endpoints with the same listener apart; often empty. */
  readonly endpointId: string;
}

/** Connects to listeners of the same worker. */
export interface InternalDialer {
  /** This end of a new connection to a listener, or null when there is none that takes it. */
  dial(listener: string, origin: InternalOrigin): InternalTransport | null;
}
