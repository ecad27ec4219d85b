import { get, post, raw } from "../pair/request.ts";
import { answer, ask, askToEnd, IMPATIENT, type Scenario, serve, take } from "./scenario.ts";

const half = raw("POST / HTTP/1.1", "host: a.test", "content-length: 10");
const head = raw("HTTP/1.1 200 OK", "content-length: 10");

/** What clients do, and what they ask for. */
export const DOWNSTREAM_SCENARIOS: readonly Scenario[] = [
  {
    name: "keep-alive",
    async play(stage) {
      serve(stage, answer(200));
      const client = await stage.connect();
      for (const request of [get("/"), post("/", "hello"), get("/")]) {
        client.write(request);
        await client.readMessage();
      }
      client.close();
    },
  },
  {
    name: "two-clients-share-a-connection",
    async play(stage) {
      serve(stage, answer(200));
      await ask(stage, get("/"));
      await ask(stage, get("/"));
    },
  },
  {
    name: "pipeline",
    async play(stage) {
      serve(stage, answer(200));
      const client = await stage.connect();
      client.write(get("/") + get("/") + get("/"));
      for (let each = 0; each < 3; each++) await client.readMessage();
      client.close();
    },
  },
  {
    name: "client-asks-to-close",
    async play(stage) {
      serve(stage, answer(200));
      await askToEnd(stage, get("/", "connection: close"));
    },
  },
  {
    name: "client-closes-unasked",
    async play(stage) {
      const client = await stage.connect();
      client.close();
    },
  },
  {
    name: "client-resets-unasked",
    async play(stage) {
      const client = await stage.connect();
      client.reset();
    },
  },
  {
    name: "client-closes-in-head",
    async play(stage) {
      const client = await stage.connect();
      client.write("GET / HTTP/1.1\r\nhost");
      client.end();
      await client.readToEnd();
    },
  },
  {
    name: "client-closes-in-body",
    async play(stage) {
      const client = await stage.connect();
      client.write(`${half}hi`);
      const link = await take(stage);
      client.end();
      await link.readToEnd();
    },
  },
  {
    name: "client-resets-in-body",
    async play(stage) {
      const client = await stage.connect();
      client.write(`${half}hi`);
      const link = await take(stage);
      client.reset();
      await link.readToEnd();
    },
  },
  {
    name: "client-resets-before-response",
    async play(stage) {
      const client = await stage.connect();
      client.write(get("/"));
      const link = await take(stage);
      client.reset();
      await link.readToEnd();
    },
  },
  {
    name: "client-closes-before-response",
    async play(stage) {
      const client = await stage.connect();
      client.write(get("/"));
      const link = await take(stage);
      client.end();
      link.write(answer(200));
      await client.readToEnd();
    },
  },
  {
    name: "client-resets-in-response",
    async play(stage) {
      const client = await stage.connect();
      client.write(get("/"));
      const link = await take(stage);
      link.write(`${head}hi`);
      await client.readUntil("hi");
      client.reset();
      await link.readToEnd();
    },
  },
  {
    name: "statuses",
    async play(stage) {
      const statuses = [200, 204, 301, 304, 404, 500, 503];
      stage.upstream.serve(async (_, link) => link.write(answer(statuses.shift() ?? 200)));
      for (let each = 0; each < 7; each++) await ask(stage, get("/"));
    },
  },
  {
    name: "head",
    async play(stage) {
      serve(stage, raw("HTTP/1.1 200 OK", "content-length: 10"));
      const client = await stage.connect();
      client.write(raw("HEAD / HTTP/1.1", "host: a.test"));
      await client.readHead();
      client.close();
    },
  },
  {
    name: "interim",
    async play(stage) {
      serve(stage, raw("HTTP/1.1 103 Early Hints", "x-a: b") + answer(200));
      const client = await stage.connect();
      client.write(get("/"));
      await client.readUntil("content-length: 0");
      client.close();
    },
  },
  {
    name: "continue",
    async play(stage) {
      serve(stage, answer(200));
      const client = await stage.connect();
      client.write(
        raw("POST / HTTP/1.1", "host: a.test", "content-length: 2", "expect: 100-continue"),
      );
      await client.readUntil("100 Continue\r\n\r\n");
      client.write("hi");
      await client.readMessage();
      client.close();
    },
  },
  {
    name: "continue-of-upstream",
    manager: { proxy_100_continue: true },
    async play(stage) {
      const client = await stage.connect();
      client.write(
        raw("POST / HTTP/1.1", "host: a.test", "content-length: 2", "expect: 100-continue"),
      );
      const link = await take(stage);
      link.write(raw("HTTP/1.1 100 Continue"));
      await client.readUntil("100 Continue\r\n\r\n");
      client.write("hi");
      await link.read(2);
      link.write(answer(200));
      await client.readMessage();
      client.close();
    },
  },
  {
    name: "old-version",
    async play(stage) {
      await ask(stage, raw("GET / HTTP/1.0", "host: a.test"));
    },
  },
  {
    name: "old-version-accepted",
    manager: { http_protocol_options: { accept_http_10: true } },
    async play(stage) {
      serve(stage, answer(200));
      await askToEnd(stage, raw("GET / HTTP/1.0", "host: a.test"));
      await ask(stage, raw("GET / HTTP/1.0", "host: a.test", "connection: keep-alive"));
    },
  },
  {
    name: "malformed-line",
    play: (stage) => ask(stage, raw("GET", "host: a.test")),
  },
  {
    name: "malformed-header",
    play: (stage) => ask(stage, get("/", "x a: b")),
  },
  {
    name: "no-host",
    play: (stage) => ask(stage, raw("GET / HTTP/1.1")),
  },
  {
    name: "no-host-but-a-body",
    play: (stage) => ask(stage, `${raw("POST / HTTP/1.1", "content-length: 10")}hi`),
  },
  {
    name: "refused-client-waits",
    manager: IMPATIENT,
    play: (stage) => askToEnd(stage, get("/#a")),
  },
  {
    name: "bad-host",
    play: (stage) => ask(stage, raw("GET / HTTP/1.1", "host: a b")),
  },
  {
    name: "great-head",
    manager: { max_request_headers_kb: 1 },
    play: (stage) => ask(stage, get("/", `x-a: ${"b".repeat(2000)}`)),
  },
  {
    name: "many-headers",
    manager: { common_http_protocol_options: { max_headers_count: 2 } },
    play: (stage) => ask(stage, get("/", "x-a: b", "x-b: c")),
  },
  {
    name: "bad-chunk",
    async play(stage) {
      const client = await stage.connect();
      client.write(raw("POST / HTTP/1.1", "host: a.test", "transfer-encoding: chunked"));
      await take(stage);
      client.write("zz\r\n");
      await client.readMessage();
      client.close();
    },
  },
  {
    name: "fragment",
    play: (stage) => ask(stage, get("/#a")),
  },
  {
    name: "not-a-path",
    play: (stage) => ask(stage, raw("GET a HTTP/1.1", "host: a.test")),
  },
  {
    name: "path-is-not-normal",
    manager: { normalize_path: true },
    play: (stage) => ask(stage, get("/a%00")),
  },
  {
    name: "slash-is-escaped",
    manager: { path_with_escaped_slashes_action: "UNESCAPE_AND_REDIRECT" },
    play: (stage) => ask(stage, get("/a%2fb")),
  },
  {
    name: "slash-is-refused",
    manager: { path_with_escaped_slashes_action: "REJECT_REQUEST" },
    play: (stage) => ask(stage, get("/a%2fb")),
  },
  {
    name: "underscores-are-refused",
    manager: {
      common_http_protocol_options: { headers_with_underscores_action: "REJECT_REQUEST" },
    },
    play: (stage) => ask(stage, get("/", "x_a: b")),
  },
  {
    name: "upgrade",
    play: (stage) => ask(stage, get("/", "connection: upgrade", "upgrade: websocket")),
  },
  {
    name: "absolute-target",
    async play(stage) {
      serve(stage, answer(200));
      await ask(stage, raw("GET http://a.test/ HTTP/1.1", "host: a.test"));
    },
  },
  {
    name: "from-inside",
    manager: { use_remote_address: true },
    async play(stage) {
      serve(stage, answer(200));
      await ask(stage, get("/"));
      await ask(stage, get("/", "x-forwarded-for: 8.8.8.8"));
    },
  },
];
