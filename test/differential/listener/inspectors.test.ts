import assert from "node:assert/strict";
import type { ListenerSketch } from "../../support/listener/sketch.ts";
import { sendPlain } from "./client.ts";
import { ListenerPair } from "./listener-pair.ts";

/** Longer than a busy machine takes to look at what has come. */
const fields = { listener_filters_timeout: "0.8s" };

const LISTENERS: readonly ListenerSketch[] = [
  {
    name: "http",
    filters: [["tls"], ["http"]],
    chains: {
      one: { match: { application_protocols: ["http/1.1"] } },
      old: { match: { application_protocols: ["http/1.0"] } },
      two: { match: { application_protocols: ["h2c"] } },
      other: {},
    },
    fields,
  },
  {
    name: "strict",
    filters: [
      [
        "tls",
        { close_connection_on_client_hello_parsing_errors: true, max_client_hello_size: 300 },
      ],
    ],
    chains: { all: {} },
    fields,
  },
  {
    name: "patient",
    filters: [["http"]],
    chains: { all: {} },
    fields: { ...fields, continue_on_listener_filters_timeout: true },
  },
  {
    name: "spared",
    filters: [["http", {}, { filter_disabled: { not_match: { not_match: { any_match: true } } } }]],
    chains: { inspected: { match: { application_protocols: ["http/1.1"] } }, all: {} },
    fields,
  },
];

const REST = "\r\nhost: a\r\nconnection: close\r\n\r\n";
const LINES: readonly string[] = [
  "GET / HTTP/1.1",
  "GET / HTTP/1.0",
  "GET / HTTP/2.0",
  "GET / HTTP/0.9",
  "GET / HTTP/1.2",
  "GET /",
  "GET  /  HTTP/1.1",
  "GET\t/\tHTTP/1.1",
  "GET / HTTP/1.1 ",
  "GET /a b HTTP/1.1",
  "get / HTTP/1.1",
  "CUSTOM / HTTP/1.1",
  "G{T / HTTP/1.1",
  "GET a.test HTTP/1.1",
  "GET http://a.test/ HTTP/1.1",
  "GET http:///x HTTP/1.1",
  "GET * HTTP/1.1",
  "CONNECT a.test:80 HTTP/1.1",
  "OPTIONS * HTTP/1.1",
  "PRI * HTTP/2.0",
  "PRI * HTTP/1.1",
  "HTTP/1.1 200 OK",
  "hello there you",
  "one",
  "\r\nGET / HTTP/1.1",
  "GET /\x01 HTTP/1.1",
  "GET /\xff HTTP/1.1",
  "GET / XTTP/1.1",
  "GET / HTTP/1.1x",
  " GET / HTTP/1.1",
];

const HELLO = [0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3];

/** Bytes that are no HTTP. */
const BYTES: Readonly<Record<string, readonly (Buffer | string)[]>> = {
  "the start of a ClientHello, and silence": [Buffer.from(HELLO)],
  "a broken ClientHello": [Buffer.from([...HELLO, ...new Array<number>(194).fill(0)])],
  "a record of the wrong type": [Buffer.from([23, 3, 1, 0, 5, 1, 2, 3, 4, 5])],
  "a record of the wrong version": [Buffer.from([22, 9, 1, 0, 5, 1, 2, 3, 4, 5])],
  "a ClientHello that is too long": [
    Buffer.from([0x16, 3, 1, 1, 200, 1, 0, 1, 196, ...new Array<number>(400).fill(3)]),
  ],
  "two bytes, and silence": ["GE"],
  "a request line in pieces": ["G", "ET / HT", `TP/1.1${REST}`],
  "half a request line, and silence": ["GET / HT"],
  "half a preface, and silence": ["PRI * HTT"],
};

/** What the HTTP inspector has counted in between. */
function findCounted(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): string[] {
  return Object.keys(after).filter(
    (name) => name.startsWith("http_inspector.") && after[name] !== (before[name] ?? 0),
  );
}

describe("differential listener: inspectors", () => {
  let pair: ListenerPair | undefined;

  before(async function () {
    this.timeout(30_000);
    pair = await ListenerPair.start(this, LISTENERS);
  });
  after(() => pair?.stop());

  for (const line of LINES) {
    it(`http: ${JSON.stringify(line)}`, async () => {
      const before = await pair?.stats();
      await pair?.ask("http", (port) => sendPlain(port, `${line}${REST}`));
      const after = await pair?.stats();
      assert.ok(before !== undefined && after !== undefined);
      const ours = findCounted(before.ours, after.ours);
      assert.deepEqual(ours, findCounted(before.envoy, after.envoy));
      assert.equal(ours.length, 1);
    });
  }

  for (const { name: on = "" } of LISTENERS) {
    for (const [name, pieces] of Object.entries(BYTES)) {
      it(`${on}: ${name}`, async () => {
        const answers = await pair?.ask(on, (port) => sendPlain(port, ...pieces));
        assert.ok(answers !== undefined);
        assert.equal(answers.ours, answers.envoy);
      });
    }
  }

  it("statistics: listeners and their filters have counted the same", async () => {
    const stats = await pair?.stats();
    assert.ok(stats !== undefined);
    const isOfFilters = ([name]: [string, number]): boolean => !/\.http\./.test(name);
    const [ours, envoy] = [stats.ours, stats.envoy].map((each) =>
      Object.fromEntries(Object.entries(each).filter(isOfFilters)),
    );
    assert.deepEqual(ours, envoy);
  });
});
