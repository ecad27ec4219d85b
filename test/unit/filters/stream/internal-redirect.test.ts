import assert from "node:assert/strict";
import { get, ok, type Part, TestProxy } from "../../../support/proxy-sketch.ts";
import { RawUpstream } from "../../../support/raw-upstream.ts";

const CODES = [301, 302, 303, 307, 308];

/** A route at `/NAME` whose redirects are followed as the policy says. */
function from(name: string, policy: Part, more: Part = {}): Part {
  const action = { cluster: "up", internal_redirect_policy: policy };
  return { match: { prefix: `/${name}` }, route: action, ...more };
}

/** A request that the upstream answers with this status. */
function ask(method: string, path: string, status: number, ...lines: string[]): string {
  const head = [`${method} ${path} HTTP/1.1`, "host: test", `x-status: ${status}`, ...lines];
  return `${head.join("\r\n")}\r\n\r\n`;
}

const LENGTH = "content-length: 5";
const CHUNKED = "transfer-encoding: chunked";

describe("internal-redirect", () => {
  let upstream: RawUpstream;
  let proxy: TestProxy;

  before(async () => {
    upstream = await RawUpstream.listen();
    // At the target it tells what it was asked; elsewhere it sends whoever asks to the target.
    upstream.serve((head, up, body) => {
      if (/^\w+ \/target/.test(head)) {
        const isHead = head.startsWith("HEAD");
        const echo = ok(`${head}${body}`);
        up.write(isHead ? echo.slice(0, echo.indexOf("\r\n\r\n") + 4) : echo);
        return;
      }
      const status = /x-status: (\d+)/.exec(head)?.[1];
      const length = status === "304" ? "" : "content-length: 0\r\n";
      up.write(`HTTP/1.1 ${status} Moved\r\nlocation: http://test/target\r\n${length}\r\n`);
    });
    proxy = await TestProxy.start({
      endpoints: [upstream.port],
      manager: { http_protocol_options: { enable_trailers: true } },
      upstreamOptions: {},
      routes: [
        from("default", {}),
        from("all", { redirect_response_codes: CODES }),
        from("odd", { redirect_response_codes: [200, 304] }),
        from("small", {}, { per_request_buffer_limit_bytes: 4 }),
        ...CODES.map((code) => from(`only-${code}`, { redirect_response_codes: [code] })),
      ],
    });
  });

  after(async () => {
    await proxy.stop();
    upstream.close();
  });

  /** Status of the answer, and what the upstream was asked where it led. */
  async function answer(request: string): Promise<{ status: number; asked: string }> {
    const client = await proxy.connect();
    client.write(request);
    const { head, body } = request.startsWith("HEAD")
      ? { head: await client.readHead(), body: "" }
      : await client.readMessage();
    client.close();
    return { status: Number(head.slice(9, 12)), asked: body };
  }

  for (const status of [300, ...CODES, 304]) {
    for (const only of CODES) {
      const isFollowed = status === only;
      it(`followRedirect: ${status} where ${only} is: ${isFollowed ? "yes" : "no"}`, async () => {
        const got = await answer(ask("GET", `/only-${only}`, status));
        assert.equal(got.status, isFollowed ? 200 : status);
      });
    }
  }

  it("followRedirect: 302 is what a policy without codes is for", async () => {
    const statuses = [];
    for (const status of CODES) {
      statuses.push((await answer(ask("GET", "/default", status))).status);
    }
    assert.deepEqual(statuses, [301, 200, 303, 307, 308]);
  });

  it("followRedirect: codes that are no redirects are not followed", async () => {
    assert.equal((await answer(ask("GET", "/odd", 304))).status, 304);
    assert.equal((await answer(ask("GET", "/odd", 302))).status, 302);
  });

  it("followRedirect: without a policy nothing is followed", async () => {
    assert.equal((await answer(ask("GET", "/", 302))).status, 302);
  });

  const methods: [name: string, status: number, request: string, want: RegExp][] = [
    ["GET stays GET", 303, ask("GET", "/all", 303), /^GET \/target (?!.*content-length)/s],
    ["POST becomes GET", 303, `${ask("POST", "/all", 303, LENGTH)}hello`, /^GET \/target /],
    ["PUT becomes GET", 303, `${ask("PUT", "/all", 303, LENGTH)}hello`, /^GET \/target /],
    ["DELETE becomes GET", 303, ask("DELETE", "/all", 303), /^GET \/target /],
    ["POST stays POST", 301, `${ask("POST", "/all", 301, LENGTH)}hello`, /^POST .*\r\n\r\nhello$/s],
    ["POST stays POST", 302, `${ask("POST", "/all", 302, LENGTH)}hello`, /^POST .*\r\n\r\nhello$/s],
    ["POST stays POST", 307, `${ask("POST", "/all", 307, LENGTH)}hello`, /^POST .*\r\n\r\nhello$/s],
    ["PUT stays PUT", 308, `${ask("PUT", "/all", 308, LENGTH)}hello`, /^PUT .*\r\n\r\nhello$/s],
    [
      "chunks stay chunks",
      307,
      `${ask("POST", "/all", 307, CHUNKED)}2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n`,
      /^POST .*transfer-encoding: chunked\r\n.*\r\n\r\nhello$|^POST .*chunked\r\n\r\nhello$/s,
    ],
    [
      "no chunks are no body",
      307,
      `${ask("POST", "/all", 307, CHUNKED)}0\r\n\r\n`,
      /^POST (?!.*chunked).*content-length: 0\r\n/s,
    ],
    [
      "a body goes when the method does",
      303,
      `${ask("POST", "/all", 303, CHUNKED)}5\r\nhello\r\n0\r\nx-t: 1\r\n\r\n`,
      /^GET (?!.*(chunked|content-length|x-t)).*\r\n\r\n$/s,
    ],
  ];
  for (const [name, status, request, want] of methods) {
    it(`followRedirect: after ${status}, ${name}`, async () => {
      const { status: got, asked } = await answer(request);
      assert.equal(got, 200);
      assert.match(asked, want);
    });
  }

  it("followRedirect: HEAD stays HEAD, and its answer has no body", async () => {
    for (const status of CODES) {
      assert.equal((await answer(ask("HEAD", "/all", status))).status, 200);
    }
  });

  it("followRedirect: a body within the limit is sent again, a greater one is not", async () => {
    const within = `${ask("POST", "/small", 302, "content-length: 4")}1234`;
    assert.match((await answer(within)).asked, /\r\n\r\n1234$/);
    assert.equal((await answer(`${ask("POST", "/small", 302, LENGTH)}12345`)).status, 302);
    assert.equal((await answer(ask("GET", "/small", 302))).status, 200);
  });

  it("followRedirect: the request has its own headers, and says where it was for", async () => {
    const request = get("/default/a?b", "x-status: 302\r\nx-mine: 1\r\nx-mine: 2\r\n");
    const { asked } = await answer(request);
    assert.match(asked, /\r\nx-mine: 1\r\nx-mine: 2\r\n/);
    assert.match(asked, /\r\nx-envoy-original-url: http:\/\/test\/default\/a\?b\r\n/);
    assert.match(asked, /^GET \/target HTTP\/1.1\r\nhost: test\r\n/);
  });

  it("followRedirect: what was followed and what was not is counted", async () => {
    const names = [
      "upstream_internal_redirect_succeeded_total",
      "upstream_internal_redirect_failed_total",
    ];
    const read = () => Promise.all(names.map((name) => proxy.stat(`cluster.up.${name}`)));
    const before = await read();
    await answer(ask("GET", "/default", 302));
    await answer(ask("GET", "/default", 301));
    await answer(`${ask("POST", "/small", 302, LENGTH)}12345`);
    const after = await read();
    assert.deepEqual(
      after.map((value, place) => value - before[place]),
      [1, 1],
    );
  });
});
