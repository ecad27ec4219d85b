// npm http-proxy as a program: `node http-proxy-main.ts PORT BACKEND_PORT [ACCESS_LOG]`. With a log
// it also makes the header edits of config/access-log.yaml.
import { createWriteStream } from "node:fs";
import { Agent, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createRequire } from "node:module";

/** The part of http-proxy (which has no types of its own) that we use. */
interface HttpProxy {
  web(request: IncomingMessage, response: ServerResponse): void;
  on(event: "proxyRes", listener: (upstream: IncomingMessage) => void): void;
  on(
    event: "error",
    listener: (error: Error, request: IncomingMessage, response: ServerResponse) => void,
  ): void;
}

const [port, backendPort, logPath] = process.argv.slice(2);
const library: { createProxyServer(options: object): HttpProxy } = createRequire(import.meta.url)(
  "http-proxy",
);
const proxy = library.createProxyServer({
  target: `http://127.0.0.1:${backendPort}`,
  agent: new Agent({ keepAlive: true, maxFreeSockets: 1024 }),
});
proxy.on("error", (error, _request, response) => {
  if (!response.headersSent) response.writeHead(502);
  response.end(error.message);
});

const server = createServer((request, response) => proxy.web(request, response));
if (logPath !== undefined) {
  editHeaders();
  writeLog(logPath);
}
server.keepAliveTimeout = 3_600_000;
server.listen(Number(port), "127.0.0.1", 16_384);

function editHeaders(): void {
  server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
    request.headers["x-bench-route"] = "backend";
    request.headers["x-bench-filter"] = "1";
    response.setHeader("x-bench-proxy", "bench");
  });
  proxy.on("proxyRes", (upstream) => {
    delete upstream.headers["x-backend-secret"];
    delete upstream.headers["x-backend-internal"];
  });
}

function writeLog(path: string): void {
  const log = createWriteStream(path, { flags: "a" });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const started = performance.now();
    response.once("finish", () => {
      const { method, url, headers } = request;
      const duration = Math.round(performance.now() - started);
      const when = new Date().toISOString();
      const agent = headers["user-agent"] ?? "-";
      log.write(
        `[${when}] "${method} ${url} HTTP/${request.httpVersion}" ${response.statusCode} ` +
          `${duration} "${agent}" "${headers.host ?? "-"}" "127.0.0.1:${backendPort}"\n`,
      );
    });
  });
}
