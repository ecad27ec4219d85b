import { open, type TcpScenario } from "./scenario.ts";

const LARGE = "0123456789abcdef".repeat(200_000);

/** Times, limits and lines of connections that live on. */
export const LIMIT_TCP_SCENARIOS: readonly TcpScenario[] = [
  {
    name: "idle",
    proxy: { idle_timeout: "0.1s" },
    async play(stage) {
      const [client, up] = await open(stage);
      client.write("hello");
      await up.read(5);
      await client.readToEnd();
      await up.readToEnd();
      client.close();
      up.close();
    },
  },
  {
    name: "idle-before-the-upstream-is-there",
    endpoints: ["full"],
    proxy: { idle_timeout: "0.1s" },
    cluster: { connect_timeout: "0.3s" },
    async play(stage) {
      const client = await stage.connect();
      await client.readToEnd();
      client.close();
    },
  },
  {
    name: "duration",
    proxy: { max_downstream_connection_duration: "0.1s" },
    async play(stage) {
      const [client, up] = await open(stage);
      client.write("hello");
      await up.read(5);
      await client.readToEnd();
      await up.readToEnd();
      client.close();
      up.close();
    },
  },
  {
    name: "duration-before-the-upstream-is-there",
    endpoints: ["full"],
    proxy: { max_downstream_connection_duration: "0.1s" },
    cluster: { connect_timeout: "0.3s" },
    async play(stage) {
      const client = await stage.connect();
      await client.readToEnd();
      client.close();
    },
  },
  {
    name: "connections",
    cluster: { circuit_breakers: { thresholds: [{ max_connections: 1 }] } },
    async play(stage) {
      const [client, up] = await open(stage);
      const second = await stage.connect();
      await second.readToEnd();
      second.close();
      client.end();
      await up.readToEnd();
      up.end();
      await client.readToEnd();
    },
  },
  {
    name: "pending",
    endpoints: ["full"],
    cluster: {
      connect_timeout: "1s",
      circuit_breakers: { thresholds: [{ max_pending_requests: 1 }] },
    },
    async play(stage) {
      const client = await stage.connect();
      await stage.reaches("cluster", "upstream_cx_total", 1);
      const second = await stage.connect();
      await second.readToEnd();
      second.close();
      await client.readToEnd();
      client.close();
    },
  },
  {
    name: "one-request-a-connection",
    cluster: { max_requests_per_connection: 1 },
    async play(stage) {
      const [client, up] = await open(stage);
      client.end();
      await up.readToEnd();
      up.end();
      await client.readToEnd();
    },
  },
  {
    name: "log-when-connected",
    proxy: { access_log_options: { flush_access_log_on_connected: true } },
    async play(stage) {
      const [client, up] = await open(stage);
      client.write("hello");
      await up.read(5);
      client.end();
      await up.readToEnd();
      up.end();
      await client.readToEnd();
    },
  },
  {
    name: "large",
    async play(stage) {
      const [client, up] = await open(stage);
      client.end(LARGE);
      up.end(LARGE);
      await Promise.all([client.readToEnd(), up.readToEnd()]);
    },
  },
  {
    name: "flush-to-upstream",
    listener: { per_connection_buffer_limit_bytes: 33_554_432 },
    cluster: { per_connection_buffer_limit_bytes: 33_554_432 },
    async play(stage) {
      const [client, up] = await open(stage);
      up.end("hello");
      await client.readToEnd();
      up.socket.pause();
      client.end(LARGE.repeat(5));
      await stage.reaches("tcp", "upstream_flush_active", 1);
      up.socket.resume();
      stage.note(String((await up.readToEnd()).text.length));
    },
  },
  {
    name: "upstream-idle",
    cluster: {
      typed_extension_protocol_options: {
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
          "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
          common_http_protocol_options: { idle_timeout: "0.05s" },
          explicit_http_config: { http_protocol_options: {} },
        },
      },
    },
    proxy: { idle_timeout: "0.3s" },
    async play(stage) {
      const [client, up] = await open(stage);
      client.write("hello");
      await up.read(5);
      await client.readToEnd();
      await up.readToEnd();
      client.close();
      up.close();
    },
  },
];
