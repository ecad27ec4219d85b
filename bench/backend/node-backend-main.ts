// The backend where nginx is absent: `node node-backend-main.ts PORT`.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { BODIES, findBody, UPLOAD_PATH } from "./bodies.ts";

const bodies = new Map(BODIES.map(({ path, bytes }) => [path, Buffer.alloc(bytes, "x")]));

const server = createServer((request, response) => {
  if (request.url !== UPLOAD_PATH) return reply(response, request.url ?? "/");
  request.resume();
  request.once("end", () => response.setHeader("content-length", 0).end());
});
server.keepAliveTimeout = 3_600_000;
server.on("clientError", (_error, socket) => socket.destroy());
server.listen(Number(process.argv[2]), "127.0.0.1", 16_384);

function reply(response: ServerResponse<IncomingMessage>, path: string): void {
  const body = bodies.get(findBody(path).path);
  response.setHeader("content-length", body?.length ?? 0).end(body);
}
