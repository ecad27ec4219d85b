// The backend that sends back what it gets: `node echo-backend-main.ts HTTP1_PORT H2C_PORT`. A
// WebSocket has its bytes back as they are; a request of HTTP/2 its body, then trailers of success.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import {
  createServer as createHttp2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { Duplex } from "node:stream";

const [http1Port, h2cPort] = process.argv.slice(2).map(Number);
const BACKLOG = 16_384;
const BODY = Buffer.alloc(100, "x");

/** RFC 6455 §4.2.2. */
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const http1 = createServer((_request, response) => {
  response.setHeader("content-length", BODY.length).end(BODY);
});
http1.keepAliveTimeout = 3_600_000;
http1.on("clientError", (_error, socket) => socket.destroy());
http1.on("upgrade", echoBytes);
http1.listen(http1Port, "127.0.0.1", BACKLOG);

const http2 = createHttp2Server();
http2.on("sessionError", () => {}); // The session is gone, and nothing more hangs on it.
http2.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
  if (headers[":method"] === "POST") echoMessages(stream);
  else {
    stream.respond({ ":status": 200, "content-length": BODY.length });
    stream.end(BODY);
  }
});
http2.listen(h2cPort, "127.0.0.1", BACKLOG);

function echoBytes(request: IncomingMessage, socket: Duplex): void {
  const key = `${request.headers["sec-websocket-key"] ?? ""}${ACCEPT_SUFFIX}`;
  const accept = createHash("sha1").update(key).digest("base64");
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.on("error", () => {}); // "close" follows.
  socket.on("data", (bytes) => socket.write(bytes));
  socket.once("end", () => socket.end());
}

function echoMessages(stream: ServerHttp2Stream): void {
  const head = { ":status": 200, "content-type": "application/grpc" };
  stream.respond(head, { waitForTrailers: true });
  stream.on("error", () => {}); // "close" follows.
  stream.on("data", (bytes) => stream.write(bytes));
  stream.once("end", () => stream.end());
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
}
