import { renderNginxFolders, renderNginxHead } from "../config/render-nginx.ts";
import { BODIES, UPLOAD_PATH } from "./bodies.ts";

/** The largest body that nginx answers from its configuration; larger ones are files. */
const INLINE_BYTES_MAX = 1000;

/**
 * nginx as the backend. A bare `return` would answer an upload before it has arrived, which makes
 * proxies cut the connection. So an upload is read whole into memory, as the mirror module asks,
 * then meets the static module, which finds a file but refuses POST, and that refusal is turned
 * into the answer.
 */
export function renderBackend(folder: string, port: number): string {
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
    listen 127.0.0.1:${port} backlog=16384;
    root ${folder}/bodies;
    location / { return 200 "${"x".repeat(100)}"; }
${BODIES.map(renderLocation).join("\n")}
    location = ${UPLOAD_PATH} { mirror /discard; error_page 405 =200 @accepted; }
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
