import { findBody, GRPC_PATH, UPLOAD_PATH } from "./backend/bodies.ts";
import type { Case } from "./case.ts";
import type { Configuration } from "./config/configuration.ts";
import { COUNTED_FIGURES } from "./figure/figures.ts";
import type { LoadRequest } from "./load/request.ts";

const PLAIN: Configuration = {
  template: "router",
  downstream: "http1",
  upstream: "http1",
  routeCount: 1,
  clusterCount: 1,
};
const TLS: Configuration = { ...PLAIN, template: "tls", downstream: "tls-http1" };
const H2C: Configuration = { ...PLAIN, downstream: "h2c" };
const H2C_BOTH: Configuration = { ...H2C, template: "h2-upstream", upstream: "h2c" };
const TCP: Configuration = { ...PLAIN, template: "tcp" };

/** HTTP/2 has fewer connections, and several requests on each. */
const HTTP2 = { connectionCount: 16, streamCount: 16 };

const MESSAGE_BYTES = 100;

const GET: LoadRequest = { method: "GET", paths: ["/100"], bodyBytes: 0, headers: {} };

/** One call of gRPC, or the first request of a stream, with messages of so many bytes. */
const CALL: LoadRequest = {
  method: "POST",
  paths: [GRPC_PATH],
  bodyBytes: MESSAGE_BYTES,
  headers: { "content-type": "application/grpc", te: "trailers" },
};

/** The other protocols that a proxy carries, each as near to the plain case as can be. */
export const PROTOCOL_CASES: readonly Case[] = [
  plain("tls-http1", "HTTP/1.1 in TLS 1.3", TLS),
  plain("tls-h2", "HTTP/2 in TLS 1.3", { ...TLS, downstream: "tls-h2" }, HTTP2),
  handshakes("handshake", "Full handshakes in TLS 1.3, with a request each"),
  handshakes("resumption", "Resumed handshakes in TLS 1.3, with a request each"),
  idle("memory-tls", "Idle connections in TLS", TLS),
  plain("h2-http1", "HTTP/2 → HTTP/1.1", H2C, HTTP2),
  plain("h2-h2", "HTTP/2 → HTTP/2", H2C_BOTH, HTTP2),
  idle("memory-h2", "Idle connections of HTTP/2", H2C),
  plain("grpc-unary", "gRPC, unary, 100 B", H2C_BOTH, { ...HTTP2, request: CALL }),
  messages("grpc-stream", "gRPC, streams of 100 B messages there and back", {
    configuration: { ...H2C_BOTH, upstream: "echo-h2c" },
    ...{ connectionCount: 16, streamCount: 4, request: CALL },
  }),
  messages("websocket", "WebSocket, 100 B messages there and back", {
    configuration: { ...PLAIN, template: "websocket", upstream: "echo-http1" },
    request: { ...GET, paths: ["/echo"], bodyBytes: MESSAGE_BYTES },
  }),
  plain("tcp", "TCP, 100 B of HTTP/1.1 in it", TCP),
  {
    ...plain("tcp-connect", "TCP, a connection for each 100 B", TCP),
    ...{ request: { ...GET, headers: { Connection: "close" } } },
    ...countedIn("connection"),
  },
  volume("tcp-down-50m", "TCP, 50 MB down", { ...GET, paths: ["/50m"] }),
  volume("tcp-up-50m", "TCP, 50 MB up", {
    ...{ ...GET, method: "POST", paths: [UPLOAD_PATH] },
    bodyBytes: findBody("/50m").bytes,
  }),
  plain(
    "hbone",
    "HBONE waypoint, HTTP/1.1 inside",
    { ...PLAIN, template: "waypoint", downstream: "hbone" },
    { kind: "tunnel", connectionCount: 4, streamCount: 16 },
  ),
];

/** Requests of 100 B down, as fast as it goes. */
function plain(
  name: string,
  title: string,
  configuration: Configuration,
  changes: Partial<Case> = {},
): Case {
  return {
    ...{ name, title, kind: "saturation", configuration, request: GET, bodyBytes: 100 },
    ...{ connectionCount: 64, streamCount: 1, ...countedIn("request"), ...changes },
  };
}

function handshakes(kind: "handshake" | "resumption", title: string): Case {
  return plain(kind, title, TLS, { kind, connectionCount: 8, ...countedIn("handshake") });
}

function idle(name: string, title: string, configuration: Configuration): Case {
  const headline = "idleConnectionBytes";
  return plain(name, title, configuration, { kind: "memory", connectionCount: 1, headline });
}

function messages(
  kind: "grpc-stream" | "websocket",
  title: string,
  changes: Partial<Case> & Pick<Case, "configuration">,
): Case {
  const figures = countedIn("message");
  return plain(kind, title, changes.configuration, { kind, ...figures, ...changes });
}

function volume(name: string, title: string, request: LoadRequest): Case {
  const { bytes: bodyBytes } = findBody("/50m");
  const figures = { kind: "transfer", headline: "cpuPerGbSeconds", bodyBytes } as const;
  return plain(name, title, TCP, { connectionCount: 4, request, ...figures });
}

function countedIn(unit: Case["unit"]): Pick<Case, "unit" | "headline"> {
  return { unit, headline: COUNTED_FIGURES[unit].cost };
}
