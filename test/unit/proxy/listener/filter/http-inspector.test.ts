import assert from "node:assert/strict";
import fc from "fast-check";
import { HTTP_INSPECTOR_COUNTERS } from "../../../../../api/engine/network/listener-filter-stats.ts";
import { ConnectionFacts } from "../../../../../proxy/listener/connection-facts.ts";
import {
  HttpInspector,
  INSPECTED_BYTES_MAX,
} from "../../../../../proxy/listener/filter/http-inspector.ts";
import { CountNotes, ENDS, feed } from "../counted-filter.ts";

function inspect(text: string, pieceBytes?: number, transportProtocol = "") {
  const facts = new ConnectionFacts(ENDS);
  facts.transportProtocol = transportProtocol;
  const notes = new CountNotes(HTTP_INSPECTOR_COUNTERS);
  const verdict = feed(new HttpInspector(facts, notes), Buffer.from(text, "latin1"), pieceBytes);
  return { verdict, counted: notes.counted, protocols: facts.applicationProtocols };
}

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const found: readonly [text: string, counter: string, protocol: string][] = [
  ["GET / HTTP/1.1\r\n", "http11_found", "http/1.1"],
  ["GET / HTTP/1.1\n", "http11_found", "http/1.1"],
  ["GET / HTTP/1.0\r\n", "http10_found", "http/1.0"],
  ["CUSTOM * HTTP/1.1\r\n", "http11_found", "http/1.1"],
  ["GET http://a.test/x?y HTTP/1.1\r\n", "http11_found", "http/1.1"],
  ["CONNECT a.test:443 HTTP/1.1\r\n", "http11_found", "http/1.1"],
  ["PRI * HTTP/2.0\r\nx: y\r\n", "http10_found", "http/1.0"],
  [PREFACE, "http2_found", "h2c"],
];

const none = [
  "\r\nGET / HTTP/1.1\r\n",
  "\n",
  "hello\r\n",
  "GET / XTTP/1.1\r\n",
  "GET a.test HTTP/1.1\r\n",
  "G{T / HTTP/1.1\r\n",
  "\x16\x03\x01\x00\n",
];

const unfinished = ["G", "GET / HTTP/1.1", "PRI * HT", PREFACE.slice(0, -1)];

describe("HttpInspector", () => {
  for (const [text, counter, protocol] of found) {
    it(`HttpInspector: ${JSON.stringify(text)} is ${protocol}`, () => {
      assert.deepEqual(inspect(`${text}more`), {
        verdict: "next",
        counted: [counter],
        protocols: [protocol],
      });
    });
  }

  for (const text of none) {
    it(`HttpInspector: ${JSON.stringify(text)} is no HTTP`, () => {
      const want = { verdict: "next", counted: ["http_not_found"], protocols: [] };
      assert.deepEqual(inspect(text), want);
    });
  }

  for (const text of unfinished) {
    it(`HttpInspector: ${JSON.stringify(text)} is not decided yet`, () => {
      assert.deepEqual(inspect(text), { verdict: "more", counted: [], protocols: [] });
    });
  }

  it("HttpInspector: a request line is waited for up to the limit", () => {
    const line = `GET /${"a".repeat(INSPECTED_BYTES_MAX)}`;
    assert.equal(inspect(line.slice(0, INSPECTED_BYTES_MAX - 1)).verdict, "more");
    const late = inspect(line.slice(0, INSPECTED_BYTES_MAX));
    assert.deepEqual([late.verdict, late.counted], ["close", ["read_error"]]);
  });

  it("HttpInspector: what is TLS is not looked at", () => {
    const want = { verdict: "next", counted: [], protocols: [] };
    assert.deepEqual(inspect("GET / HTTP/1.1\r\n", undefined, "tls"), want);
  });

  it("HttpInspector: how the bytes are split does not matter", () => {
    const texts = [...found.map(([text]) => text), ...none, ...unfinished];
    const property = fc.property(
      fc.oneof(fc.constantFrom(...texts), fc.string({ minLength: 1 })),
      fc.integer({ min: 1, max: 40 }),
      (text, pieceBytes) => assert.deepEqual(inspect(text, pieceBytes), inspect(text)),
    );
    fc.assert(property, { numRuns: 1000 });
  });
});
