import { get, raw } from "../pair/request.ts";
import type { Json } from "../pair/configuration.ts";
import {
  answer,
  ask,
  askToEnd,
  IMPATIENT,
  limitConnections,
  type Scenario,
  serve,
  take,
} from "./scenario.ts";

const half = raw("POST / HTTP/1.1", "host: a.test", "content-length: 10");
const head = raw("HTTP/1.1 200 OK", "content-length: 10");
const SHORT = "0.2s";

const breaker = (limits: Json): Json => ({ circuit_breakers: { thresholds: [limits] } });

/** Timeouts and other limits. */
export const LIMIT_SCENARIOS: readonly Scenario[] = [
  {
    name: "connect-timeout",
    cluster: { connect_timeout: SHORT },
    ports: "full",
    play: (stage) => ask(stage, get("/")),
  },
  {
    name: "client-resets-while-connecting",
    ports: "full",
    async play(stage) {
      const client = await stage.connect();
      client.write(get("/"));
      await stage.reaches("upstream_rq_pending_active", 1);
      client.reset();
      await stage.reaches("upstream_rq_pending_active", 0);
    },
  },
  {
    name: "timeout-while-connecting",
    action: { timeout: SHORT },
    ports: "full",
    play: (stage) => ask(stage, get("/")),
  },
  {
    name: "timeout",
    action: { timeout: SHORT },
    play: (stage) => ask(stage, get("/")),
  },
  {
    name: "timeout-in-response",
    manager: IMPATIENT,
    action: { timeout: SHORT },
    async play(stage) {
      const client = await stage.connect();
      client.write(get("/"));
      (await take(stage)).write(`${head}hi`);
      await client.readToEnd();
      client.close();
    },
  },
  {
    name: "idle-stream",
    action: { timeout: "0s", idle_timeout: SHORT },
    play: (stage) => ask(stage, get("/")),
  },
  {
    name: "idle-stream-in-request",
    action: { idle_timeout: SHORT },
    play: (stage) => ask(stage, `${half}hi`),
  },
  {
    name: "idle-stream-in-response",
    manager: IMPATIENT,
    action: { timeout: "0s", idle_timeout: SHORT },
    async play(stage) {
      const client = await stage.connect();
      client.write(get("/"));
      (await take(stage)).write(`${head}hi`);
      await client.readToEnd();
      client.close();
    },
  },
  {
    name: "long-stream",
    action: { max_stream_duration: { max_stream_duration: SHORT } },
    play: (stage) => ask(stage, get("/")),
  },
  {
    name: "slow-request",
    manager: { request_timeout: SHORT },
    play: (stage) => ask(stage, `${half}hi`),
  },
  {
    name: "slow-request-head",
    manager: { request_timeout: SHORT },
    play: (stage) => ask(stage, "GET / HTTP/1.1\r\nhost"),
  },
  {
    name: "slow-head",
    manager: { request_headers_timeout: SHORT },
    play: (stage) => ask(stage, "GET / HTTP/1.1\r\nhost"),
  },
  {
    name: "idle-head",
    manager: { stream_idle_timeout: SHORT },
    play: (stage) => ask(stage, "GET / HTTP/1.1\r\nhost"),
  },
  {
    name: "idle-connection",
    manager: { common_http_protocol_options: { idle_timeout: SHORT } },
    play: (stage) => askToEnd(stage, ""),
  },
  {
    name: "idle-connection-after-a-request",
    manager: {
      ...IMPATIENT,
      drain_timeout: "0.02s",
      common_http_protocol_options: { idle_timeout: SHORT },
    },
    async play(stage) {
      serve(stage, answer(200));
      await askToEnd(stage, get("/"));
    },
  },
  {
    name: "idle-connection-is-left",
    manager: { common_http_protocol_options: { idle_timeout: SHORT } },
    async play(stage) {
      const client = await stage.connect();
      await client.readToEnd();
      client.reset();
    },
  },
  {
    name: "long-connection",
    manager: { common_http_protocol_options: { max_connection_duration: SHORT } },
    play: (stage) => askToEnd(stage, ""),
  },
  {
    name: "preconnect",
    cluster: { preconnect_policy: { per_upstream_preconnect_ratio: 2.5 } },
    async play(stage) {
      serve(stage, answer(200));
      await ask(stage, get("/"));
      await stage.reaches("upstream_cx_total", 3);
    },
  },
  {
    name: "requests-per-connection",
    manager: { common_http_protocol_options: { max_requests_per_connection: 1 } },
    async play(stage) {
      serve(stage, answer(200));
      await askToEnd(stage, get("/"));
    },
  },
  {
    name: "close-is-not-delayed",
    manager: {
      delayed_close_timeout: "0s",
      common_http_protocol_options: { max_requests_per_connection: 1 },
    },
    async play(stage) {
      serve(stage, answer(200));
      await askToEnd(stage, get("/"));
    },
  },
  {
    name: "idle-upstream",
    cluster: limitConnections({ idle_timeout: SHORT }),
    async play(stage) {
      const client = await stage.connect();
      client.write(get("/"));
      const link = await take(stage);
      link.write(answer(200));
      await client.readMessage();
      await link.readToEnd();
      client.close();
    },
  },
  {
    name: "long-upstream-connection",
    cluster: limitConnections({ max_connection_duration: SHORT }),
    async play(stage) {
      const client = await stage.connect();
      client.write(get("/"));
      const idle = await take(stage);
      idle.write(answer(200));
      await client.readMessage();
      await idle.readToEnd();
      client.write(get("/"));
      const busy = await take(stage);
      await stage.reaches("upstream_cx_max_duration_reached", 2);
      busy.write(answer(200));
      await client.readMessage();
      await busy.readToEnd();
      client.close();
    },
  },
  {
    name: "too-many-requests",
    cluster: breaker({ max_requests: 1 }),
    async play(stage) {
      const client = await stage.connect();
      client.write(get("/"));
      const link = await take(stage);
      await ask(stage, get("/"));
      link.write(answer(200));
      await client.readMessage();
      client.close();
    },
  },
  {
    name: "nobody-may-wait",
    cluster: breaker({ max_pending_requests: 0 }),
    play: (stage) => ask(stage, get("/")),
  },
  {
    name: "too-many-connections",
    cluster: breaker({ max_connections: 1, max_pending_requests: 1 }),
    async play(stage) {
      const first = await stage.connect();
      first.write(get("/"));
      const link = await take(stage);
      const second = await stage.connect();
      second.write(get("/"));
      await stage.reaches("upstream_rq_pending_active", 1);
      // The second waits, so there is no room for a third.
      await ask(stage, get("/"));
      link.write(answer(200));
      await first.readMessage();
      await link.readHead();
      link.write(answer(200));
      await second.readMessage();
      first.close();
      second.close();
    },
  },
];
