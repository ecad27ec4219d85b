import assert from "node:assert/strict";
import { TestProxy } from "../../../support/proxy-sketch.ts";

/** A port that nothing listens on. */
const REFUSED_PORT = 1;

const direct = (path: string, status: number, text?: string) => {
  const body = text === undefined ? {} : { body: { inline_string: text } };
  return { match: { path }, direct_response: { status, ...body } };
};

/** gRPC over HTTP/2, "HTTP to gRPC Status Code Mapping". */
const GRPC_STATUSES: readonly (readonly [http: number, grpc: number])[] = [
  [400, 13],
  [401, 16],
  [403, 7],
  [404, 12],
  [429, 14],
  [500, 2],
  [502, 14],
  [503, 14],
  [504, 14],
];

describe("local replies", () => {
  let running: TestProxy;

  before(async () => {
    running = await TestProxy.start({
      endpoints: [REFUSED_PORT],
      routes: [
        ...GRPC_STATUSES.map(([status]) => direct(`/${status}`, status, "a%b\u00e9\n")),
        direct("/200", 200, "hi"),
        direct("/204", 204, "hi"),
        direct("/empty", 404),
      ],
    });
  });
  after(() => running.stop());

  /** Status line and headers, by lower-case name, of the answer to a request. */
  async function ask(
    line: string,
    ...lines: string[]
  ): Promise<{ line: string; headers: Map<string, string>; body: string }> {
    const client = await running.connect();
    const end = ["connection: close", "", ""];
    client.write([line, "host: a.test", ...lines, ...end].join("\r\n"));
    const answer = (await client.readToEnd()).text;
    const at = answer.indexOf("\r\n\r\n");
    const [first, ...rest] = answer.slice(0, at).split("\r\n");
    const headers = new Map(
      rest.map((header) => {
        const colon = header.indexOf(": ");
        return [header.slice(0, colon), header.slice(colon + 2)] as const;
      }),
    );
    return { line: first, headers, body: answer.slice(at + 4) };
  }

  it("reply: a body comes with its type and length", async () => {
    const { headers, body } = await ask("GET /200 HTTP/1.1");
    assert.equal(body, "hi");
    assert.equal(headers.get("content-type"), "text/plain");
    assert.equal(headers.get("content-length"), "2");
  });

  it("reply: HEAD gets the length without the body", async () => {
    const { headers, body } = await ask("HEAD /200 HTTP/1.1");
    assert.equal(body, "");
    assert.equal(headers.get("content-length"), "2");
  });

  it("reply: 204 has neither body nor length", async () => {
    const { line, headers, body } = await ask("GET /204 HTTP/1.1");
    assert.equal(line, "HTTP/1.1 204 No Content");
    assert.equal(headers.has("content-length"), false);
    assert.equal(body, "");
  });

  it("reply: no body has length 0 and no type", async () => {
    const { headers } = await ask("GET /empty HTTP/1.1");
    assert.equal(headers.get("content-length"), "0");
    assert.equal(headers.has("content-type"), false);
  });

  for (const [http, grpc] of GRPC_STATUSES) {
    it(`reply: a gRPC call gets ${http} as grpc-status ${grpc}`, async () => {
      const { line, headers, body } = await ask(
        `POST /${http} HTTP/1.1`,
        "content-type: application/grpc+proto",
      );
      assert.equal(line, "HTTP/1.1 200 OK");
      assert.equal(headers.get("content-type"), "application/grpc");
      assert.equal(headers.get("grpc-status"), `${grpc}`);
      assert.equal(headers.get("grpc-message"), "a%25b%C3%A9%0A");
      assert.equal(body, "");
    });
  }

  it("reply: gRPC-Web is no gRPC", async () => {
    const { line } = await ask("POST /503 HTTP/1.1", "content-type: application/grpc-web");
    assert.equal(line, "HTTP/1.1 503 Service Unavailable");
  });

  it("reply: who cannot connect is told that, but not why", async () => {
    const { line, body } = await ask("GET / HTTP/1.1");
    assert.equal(line, "HTTP/1.1 503 Service Unavailable");
    assert.equal(
      body,
      "upstream connect error or disconnect/reset before headers. " +
        "reset reason: remote connection failure",
    );
  });

  it("reply: 400 ends the connection, and says so", async () => {
    const client = await running.connect();
    client.write("GET /400 HTTP/1.1\r\nhost: a\r\n\r\n");
    assert.match((await client.readToEnd()).text, /\r\nconnection: close\r\n/);
  });

  it("reply: a body that waited for an upstream does not end the connection", async () => {
    const client = await running.connect();
    client.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello");
    client.write("GET /200 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    const answers = (await client.readToEnd()).text;
    assert.match(answers, /^HTTP\/1\.1 503 /);
    assert.match(answers, /\r\n\r\nhi$/);
  });
});
