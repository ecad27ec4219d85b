import { once } from "node:events";
import tls, { type ConnectionOptions, type TLSSocket, type TlsOptions } from "node:tls";
import type { TestCertificate } from "./certificate.ts";
import type { Part } from "../proxy-sketch.ts";
import { RawConnection } from "../raw-connection.ts";

const TYPE = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3";

/** A transport socket of a listener, from fields of DownstreamTlsContext. */
export function downstreamTls(common: Part, fields: Part = {}): Part {
  const type = { "@type": `${TYPE}.DownstreamTlsContext` };
  return { name: "tls", typed_config: { ...type, common_tls_context: common, ...fields } };
}

/** A transport socket of a cluster, from fields of UpstreamTlsContext. */
export function upstreamTls(common: Part, fields: Part = {}): Part {
  const type = { "@type": `${TYPE}.UpstreamTlsContext` };
  return { name: "tls", typed_config: { ...type, common_tls_context: common, ...fields } };
}

/** A certificate inside the configuration. */
export function inlineCertificate({ pem, keyPem }: TestCertificate): Part {
  return { certificate_chain: { inline_string: pem }, private_key: { inline_string: keyPem } };
}

/** A secret as files for SDS have it. */
export function secretFile(name: string, content: Part): string {
  const type = { "@type": `${TYPE}.Secret` };
  return JSON.stringify({ resources: [{ ...type, name, ...content }] });
}

/** Connects to a port of this machine in TLS. */
export async function openTls(port: number, options: ConnectionOptions = {}): Promise<TlsClient> {
  const place = { host: "127.0.0.1", port, rejectUnauthorized: false };
  const socket = tls.connect({ ...place, ...options });
  await once(socket, "secureConnect");
  return { socket, connection: new RawConnection(socket) };
}

/** A connection in TLS that a test plays by hand. */
export interface TlsClient {
  readonly socket: TLSSocket;
  readonly connection: RawConnection;
}

/** An upstream in TLS that answers every request with its head. */
export async function serveTls(
  certificate: TestCertificate,
  options: TlsOptions = {},
): Promise<{ readonly port: number; close(): void }> {
  const sockets = new Set<TLSSocket>();
  const own = { cert: certificate.pem, key: certificate.keyPem };
  const server = tls.createServer({ ...own, ...options }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    const connection = new RawConnection(socket);
    void (async () => {
      for (;;) {
        const { head } = await connection.readMessage();
        connection.write(`HTTP/1.1 200 OK\r\ncontent-length: ${head.length}\r\n\r\n${head}`);
      }
    })().catch(() => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: address !== null && typeof address === "object" ? address.port : 0,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
