import type { RawConnection } from "../../support/raw-connection.ts";
import type { RawUpstream } from "../../support/raw-upstream.ts";
import type { Json } from "../pair/configuration.ts";
import { raw } from "../pair/request.ts";

/** What a scenario plays with: one proxy, and what is behind it. */
export interface Stage {
  /** Opens a connection to the listener of the scenario. */
  connect(): Promise<RawConnection>;
  /** Behind the cluster of the scenario. */
  readonly upstream: RawUpstream;
  /** Resolves when a statistic of the scenario's cluster has a value. */
  reaches(name: string, value: number): Promise<void>;
}

/** Something that happens to a proxy. Each has a listener and a cluster of its own. */
export interface Scenario {
  /** Also the stat prefix and the name of the cluster. */
  readonly name: string;
  /** Fields of the HttpConnectionManager. */
  readonly manager?: Json;
  /** Fields of the router filter. */
  readonly router?: Json;
  /** Fields of the action of the one route, which leads to the cluster. */
  readonly action?: Json;
  /** Routes in place of that one. */
  readonly routes?: readonly Json[];
  /** Fields of the cluster. */
  readonly cluster?: Json;
  /** Where the cluster's endpoints are; `full`: where nobody accepts. Default: the upstream. */
  readonly ports?: readonly number[] | "full";
  play(stage: Stage): Promise<void>;
}

/** A response without a body. */
export function answer(status: number, ...lines: string[]): string {
  return raw(`HTTP/1.1 ${status} X`, ...lines, "content-length: 0");
}

/** Answers every request of every connection with these bytes. */
export function serve(stage: Stage, response: string): void {
  stage.upstream.serve(async (_, connection) => connection.write(response));
}

/** Sends a request on a new connection, reads the answer and closes. */
export async function ask(stage: Stage, request: string): Promise<void> {
  const client = await stage.connect();
  client.write(request);
  await client.readMessage();
  client.close();
}

/** How long the proxy waits for the client to close first, where the client does not. */
export const IMPATIENT: Json = { delayed_close_timeout: "0.02s" };

/** Sends a request on a new connection and reads until the proxy closes it. */
export async function askToEnd(stage: Stage, request: string): Promise<void> {
  const client = await stage.connect();
  client.write(request);
  await client.readToEnd();
  client.close();
}

/** Takes the next connection of the upstream and reads a request head from it. */
export async function take({ upstream }: Stage): Promise<RawConnection> {
  const link = await upstream.accept();
  await link.readHead();
  return link;
}

/** Fields of a cluster that limit its connections. */
export function limitConnections(limits: Json): Json {
  const type = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  const options = {
    "@type": `type.googleapis.com/${type}`,
    common_http_protocol_options: limits,
    explicit_http_config: { http_protocol_options: {} },
  };
  return { typed_extension_protocol_options: { [type]: options } };
}
