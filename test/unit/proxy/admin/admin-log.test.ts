import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { IncomingMessage } from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AdminLog } from "../../../../proxy/admin/admin-log.ts";
import { compileBootstrap } from "../../../../proxy/compiler/compile-bootstrap.ts";

const FILE_LOG = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog";
const MODULE = new WebAssembly.Module(
  readFileSync(new URL("../../../../build/filters.wasm", import.meta.url)),
);

/** A request as node's server gives it. */
function requestOn(socket: net.Socket, url: string, ...headers: readonly string[]) {
  const request = new IncomingMessage(socket);
  request.method = "GET";
  request.url = url;
  request.httpVersion = "1.1";
  request.rawHeaders = ["Host", "a.test", ...headers];
  return request;
}

describe("AdminLog", () => {
  let folder: string;
  let socket: net.Socket;
  let log: AdminLog;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "admin-log-"));
  });
  after(() => rmSync(folder, { recursive: true }));
  beforeEach(() => {
    socket = new net.Socket();
  });

  function open(file: string, format?: object, filter?: object): void {
    const typed = { "@type": FILE_LOG, path: join(folder, file), log_format: format };
    const config = JSON.stringify({
      admin: {
        address: { pipe: { path: "/run/admin.sock" } },
        access_log: [{ filter, typed_config: typed }],
      },
    });
    const request = { id: 0, name: "a.json", config, version: 1, logSinks: [] };
    log = new AdminLog(MODULE, compileBootstrap(request).admin?.log ?? assert.fail(), "");
  }

  function write(request: IncomingMessage, status = 200): void {
    const headers = { "content-type": "text/plain" };
    const sizes = { receivedBytes: 3, sentBytes: 5 };
    log.write({ request, status, headers, startMs: 100, endMs: 107, ...sizes });
  }

  const read = (file: string): string => readFileSync(join(folder, file), "utf8");

  it("write: without a format it is Envoy's", async () => {
    open("default");
    write(requestOn(socket, "/ready?x", "User-Agent", "probe"));
    await log.close();
    assert.match(
      read("default"),
      /^\[.{24}\] "GET \/ready\?x HTTP\/1\.1" 200 - 3 5 7 - ".*" "probe" "-" "a\.test" "-"\n$/,
    );
  });

  it("write: a format says what is known of the exchange", async () => {
    const words = [
      "%RESPONSE_CODE_DETAILS%",
      "%RESP(content-type)%",
      "%UPSTREAM_CLUSTER%",
      "%RESPONSE_FLAGS%",
      "%CONNECTION_ID%",
    ];
    open("format", { text_format_source: { inline_string: `${words.join(" ")}\n` } });
    write(requestOn(socket, "/"));
    write(requestOn(socket, "/"));
    write(requestOn(new net.Socket(), "/"));
    await log.close();
    const line = "admin_filter_response text/plain - -";
    assert.equal(read("format"), `${line} 1\n${line} 1\n${line} 2\n`);
  });

  it("write: a filter leaves lines out", async () => {
    const comparison = { op: "GE", value: { default_value: 400, runtime_key: "none" } };
    const format = { json_format: { code: "%RESPONSE_CODE%", path: "%REQ(:PATH)%" } };
    open("filter", format, { status_code_filter: { comparison } });
    write(requestOn(socket, "/one"));
    write(requestOn(socket, "/two"), 404);
    await log.close();
    assert.equal(read("filter"), '{"code":404,"path":"/two"}\n');
  });

  it("write: a connection that closes is another one when it comes again", async () => {
    open("closed", { text_format_source: { inline_string: "%CONNECTION_ID%\n" } });
    write(requestOn(socket, "/"));
    const closed = once(socket, "close");
    socket.destroy();
    await closed;
    write(requestOn(socket, "/"));
    write(requestOn(socket, "/"));
    await log.close();
    assert.equal(read("closed"), "1\n2\n3\n");
  });

  it("reopen: lines go to the file of the name from then on", async () => {
    open("moved", { text_format_source: { inline_string: "%REQ(:PATH)%\n" } });
    write(requestOn(socket, "/before"));
    await log.flush();
    renameSync(join(folder, "moved"), join(folder, "moved.1"));
    log.reopen();
    write(requestOn(socket, "/after"));
    await log.close();
    assert.equal(read("moved.1"), "/before\n");
    assert.equal(read("moved"), "/after\n");
  });
});
