// What the waypoint has behind it: two pods, the ztunnel of their node, which takes HBONE for them,
// and the gateway of another network. `node pods.ts`, in the folder of the certificates.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from "node:http2";
import net from "node:net";
import type { Duplex } from "node:stream";

const HTTP_PORT = 9080;
const TCP_PORT = 9081;
const ZTUNNEL_PORT = 15009;
const GATEWAY_PORT = 15010;
const HOST = "127.0.0.1";

/** Ends both when one of them is broken. */
function join(one: Duplex, other: Duplex): void {
  one.pipe(other).pipe(one);
  one.on("error", () => other.destroy()).on("close", () => other.destroy());
  other.on("error", () => one.destroy());
}

/** Takes HBONE as somebody: each CONNECT becomes a connection to a port of this machine. */
function openTunnels(name: string, portOf: (authority: string) => number): Http2SecureServer {
  const server = createSecureServer({
    cert: readFileSync(`${name}.pem`),
    key: readFileSync(`${name}.key`),
    ca: readFileSync("ca.pem"),
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: "TLSv1.3",
    ALPNProtocols: ["h2"],
    settings: { enableConnectProtocol: true },
  });
  server.on("sessionError", () => {});
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    stream.on("error", () => {});
    const { ":method": method, ":authority": authority = "" } = headers;
    const source = headers["x-istio-source"] ?? "-";
    const network = headers["x-forwarded-network"] ?? "-";
    console.log(`${name}: ${method} ${authority} x-istio-source=${source} network=${network}`);
    if (method !== "CONNECT") {
      stream.respond({ ":status": 400 }, { endStream: true });
      return;
    }
    const pod = net.connect({ host: HOST, port: portOf(authority), allowHalfOpen: true });
    pod.once("error", () => {
      if (!stream.headersSent) stream.respond({ ":status": 503 }, { endStream: true });
    });
    pod.once("connect", () => {
      stream.respond({ ":status": 200 });
      join(stream, pod);
    });
  });
  return server;
}

/** The port of an authority. */
function portOf(authority: string): number {
  return Number(authority.slice(authority.lastIndexOf(":") + 1));
}

const http = createServer((request, response) => {
  request.resume().once("end", () => {
    response.end(`${request.method} ${request.url} of ${request.headers.host}\n`);
  });
});
const tcp = net.createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => socket.destroy()).pipe(socket);
});
const ztunnel = openTunnels("ztunnel", portOf);
// What is inside the outer tunnel is the inner one, which ends at the ztunnel.
const gateway = openTunnels("gateway", () => ZTUNNEL_PORT);

http.listen(HTTP_PORT, HOST);
tcp.listen(TCP_PORT, HOST);
ztunnel.listen(ZTUNNEL_PORT, HOST);
gateway.listen(GATEWAY_PORT, HOST, () => console.log("pods are ready"));
