import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { type IncomingMessage, request, type RequestOptions } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AdminServer, FORM_BYTES_MAX } from "../../../../proxy/admin/server.ts";
import type { AdminAddress, AdminSource } from "../../../../proxy/admin/source.ts";
import { openSource, type ScriptedSource } from "./scripted-source.ts";
import { leaveDeadSocket } from "../engine/dead-socket.ts";

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly body: string;
  readonly headers: IncomingMessage["headers"];
}

const LOOPBACK: AdminAddress = { kind: "socket", address: "127.0.0.1", port: 0 };

describe("AdminServer", () => {
  let server: AdminServer;
  let source: ScriptedSource;
  let lines: string[];

  async function open(part: Partial<AdminSource> = {}, address: AdminAddress = LOOPBACK) {
    source = openSource(part);
    lines = [];
    server = await AdminServer.open({
      source,
      address,
      writeLog: ({ request, status, headers, receivedBytes, sentBytes }) => {
        const facts = [request.method, request.url, status, receivedBytes, sentBytes];
        lines.push(`${facts.join(" ")} ${headers["content-type"]}`);
      },
      onError: (error) => lines.push(`error: ${error}`),
    });
  }

  async function ask(path: string, options: RequestOptions = {}, form = ""): Promise<Answer> {
    const { address } = server;
    const where =
      address.kind === "pipe"
        ? { socketPath: address.path }
        : { host: address.address, port: address.port };
    const sent = request({ ...where, path, agent: false, ...options }).end(form);
    const [response]: [IncomingMessage] = await once(sent, "response").then(([first]) => [first]);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const { statusCode: status, headers } = response;
    return {
      status,
      headers,
      type: headers["content-type"],
      body: Buffer.concat(chunks).toString(),
    };
  }

  const post = (path: string, headers: Record<string, string> = {}, form = "") => {
    return ask(path, { method: "POST", headers }, form);
  };

  afterEach(() => server.close());

  /** What each page begins with, as Envoy answers. */
  const pages: readonly (readonly [path: string, type: string, start: string])[] = [
    ["/", "text/html; charset=UTF-8", "<!DOCTYPE html>"],
    ["/ready", "text/plain; charset=UTF-8", "LIVE\n"],
    ["/help", "text/plain; charset=UTF-8", "admin commands are:\n  /: "],
    ["/certs", "application/json", '{\n "certificates": []\n}\n'],
    ["/clusters", "text/plain; charset=UTF-8", "b::observability_name::b\n"],
    ["/clusters?format=json", "application/json", '{\n "cluster_statuses": [\n'],
    ["/clusters?filter=%5Ea", "text/plain; charset=UTF-8", ""],
    ["/listeners", "text/plain; charset=UTF-8", "web::127.0.0.1:19000\n"],
    ["/listeners?format=json", "application/json", '{\n "listener_statuses": [\n'],
    ["/config_dump", "application/json", '{\n "configs": [\n'],
    ["/config_dump?include_eds", "application/json", '{\n "configs": [\n'],
    ["/contention", "text/plain; charset=UTF-8", "Mutex contention is not traced"],
    ["/hot_restart_version", "text/plain; charset=UTF-8", "disabled"],
    ["/init_dump", "application/json", "{}\n"],
    ["/memory", "application/json", '{\n "allocated": "100",\n'],
    ["/runtime", "application/json", '{\n "entries": {},\n "layers": []\n}\n'],
    ["/server_info", "application/json", '{\n "version": "0.1.0",\n "state": "LIVE",\n'],
    ["/stats", "text/plain; charset=UTF-8", ""],
    ["/stats?format=json", "application/json", '{"stats":[]}'],
    ["/stats/prometheus", "text/plain; version=0.0.4; charset=utf-8", "\n"],
  ];

  for (const [path, type, start] of pages) {
    it(`GET: ${path} answers ${JSON.stringify(start)}`, async () => {
      await open();
      const answer = await ask(path);
      assert.deepEqual([answer.status, answer.type], [200, type]);
      assert.equal(answer.body.slice(0, start.length), start);
      if (start === "") assert.equal(answer.body, "");
    });
  }

  /** What each command asks of the proxy. */
  const actions: readonly (readonly [path: string, calls: readonly string[]])[] = [
    ["/healthcheck/fail", ["failHealthCheck true"]],
    ["/healthcheck/ok", ["failHealthCheck false"]],
    ["/reset_counters", ["resetCounters"]],
    ["/reopen_logs", ["reopenLogs"]],
    [
      "/drain_listeners",
      ['drainListeners {"isGraceful":false,"keepsListening":false,"isInboundOnly":false}'],
    ],
    [
      "/drain_listeners?graceful&inboundonly&skip_exit",
      ['drainListeners {"isGraceful":true,"keepsListening":true,"isInboundOnly":true}'],
    ],
    ["/quitquitquit", ["quit"]],
  ];

  for (const [path, calls] of actions) {
    it(`POST: ${path} is done and answered with OK`, async () => {
      await open();
      const answer = await post(path);
      assert.deepEqual([answer.status, answer.body], [200, "OK\n"]);
      await server.close();
      assert.deepEqual(source.calls, calls);
    });

    it(`GET: ${path} is refused, and nothing is done`, async () => {
      await open();
      const answer = await ask(path);
      assert.deepEqual(
        [answer.status, answer.body],
        [405, "Method GET not allowed, POST required.\n"],
      );
      assert.deepEqual(source.calls, []);
    });
  }

  /** Envoy's commands that are not here, and how they answer to what Envoy lets through. */
  const absent: readonly (readonly [method: string, path: string, status: number])[] = [
    ["POST", "/runtime_modify?a=1", 501],
    ["GET", "/runtime_modify?a=1", 405],
    ["POST", "/cpuprofiler?enable=y", 501],
    ["GET", "/heap_dump", 501],
    ["GET", "/stats/recentlookups", 501],
    ["POST", "/stats/recentlookups/enable", 501],
    ["GET", "/tap", 404],
  ];

  for (const [method, path, status] of absent) {
    it(`${method}: ${path} is answered with ${status}`, async () => {
      await open();
      const answer = await ask(path, { method });
      assert.equal(answer.status, status);
      const [name] = path.split("?");
      if (status === 501) assert.ok(answer.body.startsWith(`${name} is not implemented: `));
    });
  }

  it("ready: is 503 with the state when the proxy is not LIVE", async () => {
    await open({ state: () => "DRAINING" });
    const answer = await ask("/ready");
    assert.deepEqual([answer.status, answer.body], [503, "DRAINING\n"]);
  });

  it("quitquitquit: the proxy is told after the answer is out", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await open({ quit: resolve });
    assert.equal((await post("/quitquitquit")).body, "OK\n");
    await promise;
  });

  it("unknown path: is 404 with the help, as in Envoy", async () => {
    await open();
    const answer = await ask("/nope");
    assert.equal(answer.status, 404);
    assert.match(answer.body, /^invalid path\. admin commands are:\n {2}\/: /);
    assert.match(answer.body, /\n {2}\/quitquitquit \(POST\): exit the server\n/);
    assert.match(answer.body, /\n {6}type: .*; One of \(All, Counters, Gauges, Histograms, /);
  });

  it("parameters: may come in the body of a form", async () => {
    await open();
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await post("/logging", type, "paths=&level=debug");
    assert.equal(answer.body, "active loggers:\n  http: debug\n  main: debug\n\n");
  });

  it("parameters: a form over the limit is refused", async () => {
    await open();
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const fits = await post("/logging", type, `level=info&${"x".repeat(FORM_BYTES_MAX - 11)}`);
    assert.equal(fits.status, 200);
    const answer = await post("/logging", type, "x".repeat(FORM_BYTES_MAX + 1));
    assert.equal(answer.status, 413);
  });

  it("cross-site: a command from another origin is refused", async () => {
    await open();
    const answer = await post("/quitquitquit", { origin: "http://evil.example" });
    assert.equal(answer.status, 403);
    assert.deepEqual(source.calls, []);
  });

  it("DNS rebinding: a command to another name is refused, a page is not", async () => {
    await open();
    const headers = { host: "evil.example" };
    assert.equal((await post("/quitquitquit", headers)).status, 403);
    assert.deepEqual(source.calls, []);
    assert.equal((await ask("/ready", { headers })).status, 200);
  });

  it("HEAD: has the length and no body", async () => {
    await open();
    const answer = await ask("/ready", { method: "HEAD" });
    assert.deepEqual(
      [answer.status, answer.headers["content-length"], answer.body],
      [200, "5", ""],
    );
  });

  it("methods: others than GET, HEAD and POST are refused", async () => {
    await open();
    assert.equal((await ask("/stats", { method: "DELETE" })).status, 405);
  });

  it("headers: forbid caching, sniffing and framing", async () => {
    await open();
    const { headers } = await ask("/");
    assert.equal(headers["cache-control"], "no-cache, max-age=0");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.match(headers["content-security-policy"]?.toString() ?? "", /frame-ancestors 'none'/);
  });

  it("errors: a broken page is 500 without details, and is reported", async () => {
    await open({
      clusters: async () => {
        throw new Error("boom");
      },
    });
    const answer = await ask("/clusters");
    assert.equal(answer.status, 500);
    assert.doesNotMatch(answer.body, /boom/);
    await server.close();
    assert.equal(lines[0], "error: Error: boom");
    await open();
    assert.equal((await ask("/ready")).status, 200);
  });

  it("access log: hears of each exchange", async () => {
    await open();
    await ask("/ready?x", { method: "HEAD" });
    await post("/logging", {}, "nothing");
    await server.close();
    assert.deepEqual(lines, [
      "HEAD /ready?x 200 0 0 text/plain; charset=UTF-8",
      "POST /logging 200 7 43 text/plain; charset=UTF-8",
    ]);
  });

  describe("pipe", () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "admin-"));
    });
    afterEach(() => rm(folder, { recursive: true }));

    it("pipe: serves, and takes commands under any Host", async () => {
      await open({}, { kind: "pipe", path: join(folder, "admin.sock") });
      const answer = await post("/healthcheck/fail", { host: "admin" });
      assert.equal(answer.status, 200);
    });

    it("pipe: takes the place of a socket that was left behind", async () => {
      const path = join(folder, "admin.sock");
      leaveDeadSocket(path);
      assert.ok((await stat(path)).isSocket());
      await open({}, { kind: "pipe", path });
      assert.equal((await ask("/ready")).status, 200);
    });

    it("pipe: does not take the place of a socket that is served", async () => {
      const path = join(folder, "admin.sock");
      await open({}, { kind: "pipe", path });
      await assert.rejects(AdminServer.open({ source, address: { kind: "pipe", path } }), {
        code: "EADDRINUSE",
      });
      assert.equal((await ask("/ready")).status, 200);
    });

    it("pipe: does not remove a file that is no socket", async () => {
      const path = join(folder, "precious.txt");
      await writeFile(path, "text");
      await open();
      await assert.rejects(AdminServer.open({ source, address: { kind: "pipe", path } }), {
        code: "EADDRINUSE",
      });
      assert.ok((await stat(path)).isFile());
    });

    it("pipe: has the mode that was asked for", async () => {
      const path = join(folder, "admin.sock");
      source = openSource();
      const address = { kind: "pipe", path } as const;
      server = await AdminServer.open({ source, address, pipeMode: 0o600 });
      assert.equal((await stat(path)).mode & 0o777, 0o600);
    });
  });
});
