import type { RawConnection } from "../../support/raw-connection.ts";
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
      stage.note(await endOf(up));
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
      stage.note(await endOf(up));
    },
  },
  {
    name: "upstream-resets",
    async play(stage) {
      const [client, up] = await open(stage);
      client.write("hello");
      await up.read(5);
      up.reset();
      stage.note(await endOf(client));
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
      stage.note(await endOf(client));
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

/** What came to the end, and whether that was a reset. */
async function endOf(connection: RawConnection): Promise<string> {
  const { text, isBroken } = await connection.readToEnd();
  return `${text}, ${isBroken ? "reset" : "ended"}`;
}
