import { fileURLToPath } from "node:url";

/** Our own closed loops, by what they do: programs that take options as JSON. */
const LOAD_PROGRAMS = {
  /** Large bodies, which wrk cannot count well. */
  transfer: "transfer-main.ts",
  /** Full TLS handshakes, each on a new connection. */
  handshake: "stream/handshake-main.ts",
  /** The same, but each takes up the session of the one before. */
  resumption: "stream/handshake-main.ts",
  /** Messages that come back, one at a time, on upgraded connections. */
  websocket: "stream/websocket-main.ts",
  /** Messages that come back, one at a time, on streams of gRPC. */
  "grpc-stream": "stream/grpc-stream-main.ts",
  /** HTTP/1.1 inside of CONNECT streams inside of mutual TLS. */
  tunnel: "stream/tunnel-main.ts",
} as const;

/** The name of one of our own closed loops. */
export type LoadProgram = keyof typeof LOAD_PROGRAMS;

/** The file of a program. */
export function toProgramPath(program: LoadProgram): string {
  return fileURLToPath(new URL(LOAD_PROGRAMS[program], import.meta.url));
}
