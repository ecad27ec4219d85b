import { readClientHello } from "../../../proxy/listener/hello/client-hello.ts";
import type { RawConnection } from "../../support/raw-connection.ts";
import { upstreamTls } from "../../support/tls/sketch.ts";
import { following } from "../http2/following-plays.ts";
import type { Json } from "../pair/configuration.ts";
import { open, type TcpScenario } from "./scenario.ts";

const TUNNEL: Json = { tunneling_config: { hostname: "far.test:443" } };
const PREFACE_BYTES = 24;

/** The upstream gives up. */
async function giveUp(client: RawConnection, up: RawConnection): Promise<void> {
  up.close();
  await client.readToEnd();
  client.close();
}

/** What a client of TLS offers by ALPN. The whole of its ClientHello is in one record. */
async function readOffer(up: RawConnection): Promise<string> {
  const record = Buffer.from(await up.read(5), "latin1");
  const message = Buffer.from(await up.read(record.readUInt16BE(3)), "latin1");
  return JSON.stringify(readClientHello(message.subarray(4))?.protocols);
}

function offers(name: string, protocols: readonly string[]): TcpScenario {
  const transport_socket = upstreamTls({ alpn_protocols: protocols });
  return {
    name,
    cluster: { transport_socket },
    async play(stage) {
      const [client, up] = await open(stage);
      stage.note(await readOffer(up));
      await giveUp(client, up);
    },
  };
}

/** What upstream connections speak, and say that they will. */
export const PROTOCOL_SCENARIOS: readonly TcpScenario[] = [
  {
    name: "tunnel-to-who-follows",
    proxy: TUNNEL,
    cluster: following({}),
    async play(stage) {
      const [client, up] = await open(stage);
      stage.note(await up.readHead());
      up.end("HTTP/1.1 200 OK\r\n\r\nhello");
      await client.readToEnd();
      client.end();
      await up.readToEnd();
    },
  },
  {
    name: "tunnel-to-who-follows-with-http2",
    proxy: TUNNEL,
    cluster: following({ http_protocol_options: {}, http2_protocol_options: {} }),
    isUncounted: true,
    async play(stage) {
      const [client, up] = await open(stage);
      stage.note(await up.read(PREFACE_BYTES));
      await giveUp(client, up);
    },
  },
  offers("tls-without-alpn", []),
  offers("tls-with-alpn", ["istio", "h2", "http/1.1"]),
];
