import { open, type TcpScenario } from "./scenario.ts";

/** How connections in TCP begin and end. */
export const ENDING_SCENARIOS: readonly TcpScenario[] = [
  {
    name: "client-ends-first",
    async play(stage) {
      const [client, up] = await open(stage);
      client.write("hello");
      await up.read(5);
      client.end();
      await up.readToEnd();
      up.end("bye");
      await client.readToEnd();
    },
  },
  {
    name: "upstream-ends-first",
    async play(stage) {
      const [client, up] = await open(stage);
      up.end("hello");
      await client.readToEnd();
      client.write("bye now");
      await up.read(7);
      client.end();
      await up.readToEnd();
    },
  },
  {
    name: "client-closes",
    async play(stage) {
      const [client, up] = await open(stage);
      client.write("hello");
      await up.read(5);
      up.write("hi");
      await client.read(2);
      client.close();
      await up.readToEnd();
      up.close();
    },
  },
  {
    name: "upstream-closes",
    async play(stage) {
      const [client, up] = await open(stage);
      client.write("hello");
      await up.read(5);
      up.write("hi");
      await client.read(2);
      up.close();
      await client.readToEnd();
      client.close();
    },
  },
  {
    name: "client-says-nothing",
    async play(stage) {
      const [client, up] = await open(stage);
      client.end();
      await up.readToEnd();
      up.end();
      await client.readToEnd();
    },
  },
  {
    name: "client-resets",
    async play(stage) {
      const [client, up] = await open(stage);
      client.write("hello");
      await up.read(5);
      client.reset();
      await up.readToEnd();
      up.close();
    },
  },
  {
    name: "client-resets-after-the-upstream-ended",
    async play(stage) {
      const [client, up] = await open(stage);
      client.write("hello");
      await up.read(5);
      up.end("hi");
      await client.readToEnd();
      client.reset();
      await up.readToEnd();
    },
  },
  {
    name: "upstream-resets",
    async play(stage) {
      const [client, up] = await open(stage);
      client.write("hello");
      await up.read(5);
      up.reset();
      await client.readToEnd();
      client.close();
    },
  },
  {
    name: "upstream-resets-after-the-client-ended",
    async play(stage) {
      const [client, up] = await open(stage);
      client.end("hello");
      await up.readToEnd();
      up.reset();
      await client.readToEnd();
      client.close();
    },
  },
  {
    name: "refused",
    endpoints: ["refused"],
    async play(stage) {
      const client = await stage.connect();
      client.write("hello");
      await client.readToEnd();
      client.close();
    },
  },
  {
    name: "refused-thrice",
    endpoints: ["refused"],
    proxy: { max_connect_attempts: 3 },
    async play(stage) {
      const client = await stage.connect();
      await client.readToEnd();
      client.close();
    },
  },
  {
    name: "never-connected",
    endpoints: ["full"],
    cluster: { connect_timeout: "0.1s" },
    async play(stage) {
      const client = await stage.connect();
      await client.readToEnd();
      client.close();
    },
  },
  {
    name: "client-resets-before-the-upstream-is-there",
    endpoints: ["full"],
    cluster: { connect_timeout: "0.3s" },
    async play(stage) {
      const client = await stage.connect();
      await stage.reaches("cluster", "upstream_cx_total", 1);
      client.reset();
    },
  },
  {
    name: "client-ends-before-the-upstream-is-there",
    endpoints: ["full"],
    cluster: { connect_timeout: "0.3s" },
    async play(stage) {
      const client = await stage.connect();
      await stage.reaches("cluster", "upstream_cx_total", 1);
      client.end("hello");
      await client.readToEnd();
    },
  },
  {
    name: "no-endpoint",
    endpoints: [],
    async play(stage) {
      const client = await stage.connect();
      await client.readToEnd();
      client.close();
    },
  },
  {
    name: "no-endpoint-thrice",
    endpoints: [],
    proxy: { max_connect_attempts: 3 },
    async play(stage) {
      const client = await stage.connect();
      await client.readToEnd();
      client.close();
    },
  },
  {
    name: "no-cluster",
    proxy: { cluster: "nowhere" },
    async play(stage) {
      const client = await stage.connect();
      await client.readToEnd();
      client.close();
    },
  },
  {
    name: "weighted",
    proxy: { weighted_clusters: { clusters: [{ name: "weighted", weight: 3 }] } },
    async play(stage) {
      const [client, up] = await open(stage);
      client.end();
      await up.readToEnd();
      up.end();
      await client.readToEnd();
    },
  },
];
