import { setImmediate } from "node:timers/promises";
import type { EitherUpstream } from "../../e2e/http2/either-upstream.ts";
import { upstreamTls } from "../../support/tls/sketch.ts";
import { type Json, routeTo, type Variant } from "../pair/configuration.ts";

const OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/** Fields of a cluster that speaks what the client speaks. */
export function following(config: Json, more: Json = {}): Json {
  const type = `type.googleapis.com/${OPTIONS}`;
  const any = { "@type": type, use_downstream_protocol_config: config };
  return { typed_extension_protocol_options: { [OPTIONS]: any }, ...more };
}

const BOTH = { http_protocol_options: {}, http2_protocol_options: {} };
const limit = (thresholds: Json): Json => ({ circuit_breakers: { thresholds: [thresholds] } });

/** Clusters in plain text. */
export const PLAIN: Readonly<Record<string, Json>> = {
  empty: following({}),
  both: following(BOTH),
  "one-stream": following({ http2_protocol_options: { max_concurrent_streams: 1 } }),
  "one-connection": following(BOTH, limit({ max_connections: 1 })),
  "one-request": following(BOTH, limit({ max_requests: 1 })),
  "no-waiting": following(BOTH, limit({ max_pending_requests: 0 })),
  ahead: following(BOTH, { preconnect_policy: { per_upstream_preconnect_ratio: 2 } }),
};

/** Clusters in TLS. */
export const SECURE: Readonly<Record<string, Json>> = {
  secure: following(BOTH, { transport_socket: upstreamTls({}) }),
  named: following(BOTH, {
    transport_socket: upstreamTls({ alpn_protocols: ["h2", "http/1.1"] }),
  }),
};

const manager = { http_protocol_options: { accept_http_10: true } };

/** A listener for each cluster, and those that come to one in another way. */
export const VARIANTS: Readonly<Record<string, Variant>> = {
  ...Object.fromEntries(
    Object.keys({ ...PLAIN, ...SECURE }).map((name) => [
      name,
      { manager, routes: [routeTo(name, { internal_redirect_policy: {} })] },
    ]),
  ),
  ...Object.fromEntries(
    ["empty", "both"].map((cluster) => [
      `mirror-${cluster}`,
      { routes: [routeTo("direct", { request_mirror_policies: [{ cluster }] })] },
    ]),
  ),
};

/** What plays are played with: one proxy between clients and upstreams. */
export interface Stage {
  /** Behind the clusters in plain text. */
  readonly upstream: EitherUpstream;
  /** Behind those in TLS. */
  readonly secure: EitherUpstream;
  /** Asks in HTTP/1, with this head; tells status and body. */
  ask1(variant: string, head?: string): Promise<string>;
  /** The same in HTTP/2. */
  ask2(variant: string, headers?: Readonly<Record<string, string>>): Promise<string>;
  /** A number of the cluster that is played with. */
  stat(name: string): Promise<number>;
}

/** Requests to a cluster. Tells what was seen. */
export interface Play {
  readonly name: string;
  /** Whose statistics are compared. */
  readonly cluster: string;
  /** They are compared elsewhere. */
  readonly isUncounted?: boolean;
  play(stage: Stage): Promise<unknown>;
}

const GRPC = { ":method": "POST", "content-type": "application/grpc", te: "trailers" };
const GRPC_HEAD =
  "POST / HTTP/1.1\r\nhost: a.test\r\ncontent-type: application/grpc\r\nte: trailers\r\n" +
  "content-length: 0\r\n\r\n";
const OLD_HEAD = "GET / HTTP/1.0\r\nhost: a.test\r\n\r\n";

/** Both versions in turn, HTTP/1.0 and gRPC too. */
function inTurn(cluster: string): Play {
  return {
    name: `${cluster}: each request in its own version`,
    cluster,
    async play({ ask1, ask2, upstream }) {
      const answers = [await ask1(cluster), await ask2(cluster), await ask1(cluster)];
      answers.push(await ask2(cluster), await ask1(cluster, OLD_HEAD));
      answers.push(await ask1(cluster, GRPC_HEAD), await ask2(cluster, GRPC));
      return [answers, upstream.arrivals.map(({ version, headers }) => [version, headers.te])];
    },
  };
}

/** The same in TLS: what is offered. */
function offers(cluster: string): Play {
  return {
    name: `${cluster}: ALPN`,
    cluster,
    async play({ ask1, ask2, secure }) {
      secure.offers.length = 0;
      const answers = [await ask1(cluster), await ask2(cluster), await ask1(cluster)];
      answers.push(await ask2(cluster));
      return [answers, [...secure.offers]];
    },
  };
}

function mirrors(cluster: string): Play {
  return {
    name: `mirror to ${cluster}: the version`,
    cluster,
    async play({ ask1, ask2, upstream, stat }) {
      const seen: unknown[] = [];
      for (const ask of [ask1, ask2, (variant: string) => ask2(variant, GRPC)]) {
        const completed = await stat("upstream_rq_completed");
        seen.push(await ask(`mirror-${cluster}`));
        while ((await stat("upstream_rq_completed")) === completed) await setImmediate();
        seen.push(upstream.takeVersions());
      }
      return seen;
    },
  };
}

function redirects(cluster: string): Play {
  return {
    name: `${cluster}: an internal redirect stays in its version`,
    cluster,
    isUncounted: true,
    async play({ ask1, ask2, upstream }) {
      upstream.serve = (request, response) => {
        const redirect = { location: "http://a.test/there", "content-length": 0 };
        if (request.url === "/") response.writeHead(302, redirect);
        response.end(request.url === "/" ? "" : request.url);
      };
      return [await ask1(cluster), await ask2(cluster), upstream.takeVersions()];
    },
  };
}

/** Two requests in each version at a time, which are all answered when nothing moves any more. */
function atATime(cluster: string): Play {
  return {
    name: `${cluster}: four at a time`,
    cluster,
    async play({ ask1, ask2, upstream, stat }) {
      const held: (() => void)[] = [];
      let isHolding = true;
      upstream.serve = (request, response) => {
        const answer = () => response.end(`HTTP/${request.httpVersion}`);
        if (isHolding) held.push(answer);
        else answer();
      };
      let settledCount = 0;
      const asks: Promise<string>[] = [];
      for (const ask of [ask1, ask2, ask1, ask2]) {
        asks.push(ask(cluster).finally(() => settledCount++));
        const seen = async () => held.length + (await stat("upstream_rq_pending_active"));
        while ((await seen()) + settledCount < asks.length) await setImmediate();
      }
      const names = ["upstream_cx_active", "upstream_rq_active", "upstream_rq_pending_active"];
      const breakers = ["cx_open", "rq_open"].map((name) => `circuit_breakers.default.${name}`);
      const gauges: number[] = [];
      for (const name of [...names, ...breakers]) gauges.push(await stat(name));
      isHolding = false;
      for (const answer of held) answer();
      return [await Promise.all(asks), gauges];
    },
  };
}

/** All that is compared. */
export const PLAYS: readonly Play[] = [
  ...["empty", "both"].flatMap((cluster) => [
    inTurn(cluster),
    redirects(cluster),
    mirrors(cluster),
  ]),
  offers("secure"),
  ...["one-stream", "one-connection", "one-request", "no-waiting", "ahead"].map(atATime),
];

/** What Envoy cannot do. */
export const NAMED: Play = offers("named");
