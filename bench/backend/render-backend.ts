import { renderNginxFolders, renderNginxHead } from "../config/render-nginx.ts";
import { BODIES, GRPC_PATH, UPLOAD_PATH } from "./bodies.ts";

/** The file that holds a message of gRPC. */
export const GRPC_FILE = "grpc-message";

/** The largest body that nginx answers from its configuration; larger ones are files. */
const INLINE_BYTES_MAX = 1000;

/** Where nginx as the backend listens. */
export interface NginxPorts {
  readonly http1: number;
  readonly h2c: number;
}

/**
 * nginx as the backend. A bare `return` would answer an upload before it has arrived, which makes
 * proxies cut the connection. So an upload is read whole into memory, as the mirror module asks,
 * then meets the static module, which finds a file but refuses POST, and that refusal is turned
 * into the answer. A call of gRPC goes the same way, up to a file with the message.
 */
export function renderBackend(folder: string, { http1, h2c }: NginxPorts): string {
  const uploadBytesMax = Math.max(...BODIES.map((body) => body.bytes));
  return `${renderNginxHead(folder)}
http {
${renderNginxFolders(folder)}
  access_log off;
  keepalive_timeout 3600s;
  keepalive_requests 1000000000;
  client_max_body_size ${uploadBytesMax};
  client_body_buffer_size ${uploadBytesMax};
  default_type text/plain;
  sendfile on;
  open_file_cache max=16 inactive=3600s;
  server {
    listen 127.0.0.1:${http1} backlog=16384;
    listen 127.0.0.1:${h2c} backlog=16384 http2;
    root ${folder}/bodies;
    location / { return 200 "${"x".repeat(100)}"; }
${BODIES.map(renderLocation).join("\n")}
    location = ${UPLOAD_PATH} { mirror /discard; error_page 405 =200 @accepted; }
    location = ${GRPC_PATH} {
      alias ${folder}/bodies${UPLOAD_PATH};
      client_body_buffer_size 16k;
      mirror /discard;
      error_page 405 =200 /${GRPC_FILE};
    }
    location = /${GRPC_FILE} {
      internal;
      default_type application/grpc;
      add_trailer grpc-status 0;
    }
    location = /discard { internal; return 204; }
    location @accepted { return 200 ""; }
  }
}
`;
}

function renderLocation({ path, bytes }: { path: string; bytes: number }): string {
  if (bytes > INLINE_BYTES_MAX) return `    location = ${path} { }`;
  return `    location = ${path} { return 200 "${"x".repeat(bytes)}"; }`;
}
