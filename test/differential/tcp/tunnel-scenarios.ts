import type { RawConnection } from "../../support/raw-connection.ts";
import type { Json } from "../pair/configuration.ts";
import type { TcpScenario, TcpStage } from "./scenario.ts";

const AGREED = "HTTP/1.1 200 OK\r\n\r\n";
const REFUSED = "HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nno";

function tunnel(fields: Json = {}): Json {
  return { tunneling_config: { hostname: "far.test:443", ...fields } };
}

/** Connects; the upstream has read the head of the request, which is noted. */
async function ask(stage: TcpStage): Promise<[RawConnection, RawConnection]> {
  const client = await stage.connect();
  return [client, await take(stage)];
}

async function take(stage: TcpStage): Promise<RawConnection> {
  const up = await stage.upstream.accept();
  stage.note(await up.readHead());
  return up;
}

/** Tunnels through HTTP/1. */
export const TUNNEL_SCENARIOS: readonly TcpScenario[] = [
  {
    name: "tunnel",
    proxy: tunnel(),
    async play(stage) {
      const [client, up] = await ask(stage);
      client.write("hello");
      up.write(AGREED);
      await up.read(5);
      up.write("hi");
      await client.read(2);
      client.end();
      await up.readToEnd();
      up.end();
      await client.readToEnd();
    },
  },
  {
    name: "tunnel-with-headers",
    proxy: tunnel({
      hostname: "%REQUESTED_SERVER_NAME%-%FILTER_CHAIN_NAME%x:80",
      headers_to_add: [
        { header: { key: "x-a", value: "b" } },
        { header: { key: "X-To", value: "%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT%" } },
      ],
    }),
    async play(stage) {
      const [client, up] = await ask(stage);
      up.end(`${AGREED}hello`);
      await client.readToEnd();
      client.end();
      await up.readToEnd();
    },
  },
  ...["", "/path?a"].map(
    (path): TcpScenario => ({
      name: path === "" ? "tunnel-by-post" : "tunnel-by-post-to-path",
      proxy: tunnel({ use_post: true, ...(path === "" ? {} : { post_path: path }) }),
      async play(stage) {
        const [client, up] = await ask(stage);
        up.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n");
        await client.read(5);
        client.write("hi");
        stage.note(await up.readUntil("hi\r\n"));
        // Envoy 1.40 breaks down where the upstream ends first.
        client.reset();
        await up.readToEnd();
        up.close();
      },
    }),
  ),
  {
    name: "tunnel-refused",
    proxy: tunnel(),
    async play(stage) {
      const [client, up] = await ask(stage);
      client.write("hello");
      up.write(REFUSED);
      await up.readToEnd();
      await client.readToEnd();
      client.close();
      up.close();
    },
  },
  {
    name: "tunnel-refused-then-agreed",
    proxy: { ...tunnel(), max_connect_attempts: 2 },
    async play(stage) {
      const [client, first] = await ask(stage);
      client.write("hello");
      first.write("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n");
      const up = await take(stage);
      up.write(AGREED);
      await up.read(5);
      up.end("hi");
      await client.readToEnd();
      client.end();
      await up.readToEnd();
      first.close();
    },
  },
  {
    name: "tunnel-broken-before-the-answer",
    proxy: tunnel(),
    async play(stage) {
      const [client, up] = await ask(stage);
      up.end();
      await client.readToEnd();
      client.close();
    },
  },
  {
    name: "tunnel-answered-with-garbage",
    proxy: tunnel(),
    async play(stage) {
      const [client, up] = await ask(stage);
      up.write("garbage\r\n\r\n");
      await client.readToEnd();
      client.close();
      up.close();
    },
  },
  {
    name: "tunnel-reset",
    proxy: tunnel(),
    async play(stage) {
      const [client, up] = await ask(stage);
      up.write(`${AGREED}hi`);
      await client.read(2);
      up.reset();
      await client.readToEnd();
      client.close();
    },
  },
  {
    name: "tunnel-left-by-the-client",
    proxy: tunnel(),
    async play(stage) {
      const [client, up] = await ask(stage);
      up.write(`${AGREED}hi`);
      await client.read(2);
      client.reset();
      await up.readToEnd();
      up.close();
    },
  },
];
