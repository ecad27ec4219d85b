import type { RawConnection } from "../../support/raw-connection.ts";
import type { RawUpstream } from "../../support/raw-upstream.ts";
import type { Json } from "../pair/configuration.ts";

/** What a scenario plays with: one proxy, and what is behind it. */
export interface TcpStage {
  /** Opens a connection to the listener of the scenario. */
  connect(): Promise<RawConnection>;
  /** Behind the cluster of the scenario. */
  readonly upstream: RawUpstream;
  /** Keeps what was seen: it must be the same with both. */
  note(text: string): void;
  /** Resolves when a statistic has a value: its name without that of the scenario's scope. */
  reaches(scope: "tcp" | "cluster" | "listener", name: string, value: number): Promise<void>;
}

/** Something that happens to a TCP proxy. Each has a listener and a cluster of its own. */
export interface TcpScenario {
  /** Also the stat prefix and the name of the cluster. */
  readonly name: string;
  /** Fields of the TcpProxy. */
  readonly proxy?: Json;
  /** Network filters before it. */
  readonly filters?: readonly Json[];
  /** Fields of the listener. */
  readonly listener?: Json;
  /** Fields of the cluster. */
  readonly cluster?: Json;
  /** The cluster's endpoints. `full`: nobody accepts; `refused`: nobody listens. */
  readonly endpoints?: readonly ("upstream" | "full" | "refused")[];
  /** What is counted is compared elsewhere: it depends on how frames are packed. */
  readonly isUncounted?: boolean;
  play(stage: TcpStage): Promise<void>;
}

/** Connects both sides: the client's end and the upstream's. */
export async function open(stage: TcpStage): Promise<[RawConnection, RawConnection]> {
  const client = await stage.connect();
  return [client, await stage.upstream.accept()];
}

/** A network filter, as it stands in a configuration. */
export function filter(name: string, type: string, fields: Json): Json {
  const url = `type.googleapis.com/envoy.extensions.filters.network.${type}`;
  return { name, typed_config: { "@type": url, ...fields } };
}
