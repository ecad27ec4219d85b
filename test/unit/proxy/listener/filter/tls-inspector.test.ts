import assert from "node:assert/strict";
import fc from "fast-check";
import { TLS_INSPECTOR_COUNTERS } from "../../../../../api/engine/network/listener-filter-stats.ts";
import type { TlsInspectorModel } from "../../../../../proxy/config/listener-model.ts";
import { ConnectionFacts } from "../../../../../proxy/listener/connection-facts.ts";
import { TlsInspector } from "../../../../../proxy/listener/filter/tls-inspector.ts";
import { CountNotes, ENDS, feed } from "../counted-filter.ts";
import { helloBody, helloBytes, helloMessage, records } from "../hello/sample-hello.ts";

const MODEL: TlsInspectorModel = {
  kind: "tls-inspector",
  helloBytesMax: 16_384,
  closesOnParseError: false,
  makesJa3: false,
};

function inspect(bytes: Uint8Array, model: Partial<TlsInspectorModel> = {}, pieceBytes?: number) {
  const facts = new ConnectionFacts(ENDS);
  const notes = new CountNotes(TLS_INSPECTOR_COUNTERS);
  const inspector = new TlsInspector({ ...MODEL, ...model }, facts, notes);
  const verdict = feed(inspector, bytes, pieceBytes);
  const { serverName, transportProtocol, applicationProtocols, ja3 } = facts;
  const { counted, recorded } = notes;
  return { verdict, serverName, transportProtocol, applicationProtocols, ja3, counted, recorded };
}

describe("TlsInspector", () => {
  it("TlsInspector: a ClientHello with a name and protocols", () => {
    const bytes = helloBytes({ serverName: "a.test", protocols: ["h2"] });
    assert.deepEqual(inspect(bytes), {
      verdict: "next",
      serverName: "a.test",
      transportProtocol: "tls",
      applicationProtocols: ["h2"],
      ja3: "",
      counted: ["sni_found", "alpn_found", "tls_found"],
      recorded: [bytes.length],
    });
  });

  it("TlsInspector: a ClientHello with neither", () => {
    const { counted, transportProtocol } = inspect(helloBytes());
    assert.deepEqual(counted, ["sni_not_found", "alpn_not_found", "tls_found"]);
    assert.equal(transportProtocol, "tls");
  });

  it("TlsInspector: a fingerprint, if it is asked for", () => {
    assert.match(inspect(helloBytes(), { makesJa3: true }).ja3, /^[0-9a-f]{32}$/);
  });

  for (const [name, bytes] of [
    ["plain text", Buffer.from("GET / HTTP/1.1\r\n")],
    ["a broken ClientHello", records(helloMessage(helloBody().slice(0, -3)))],
  ] as const) {
    it(`TlsInspector: ${name} goes on as it is, or is closed where that is asked for`, () => {
      const { verdict, counted, transportProtocol } = inspect(bytes);
      assert.deepEqual([verdict, counted, transportProtocol], ["next", ["tls_not_found"], ""]);
      const strict = inspect(bytes, { closesOnParseError: true });
      assert.deepEqual([strict.verdict, strict.counted], ["close", ["tls_not_found"]]);
    });
  }

  it("TlsInspector: a ClientHello of the limit is taken, one of a byte more is closed", () => {
    const bytes = helloBytes({ serverName: "a.test" });
    assert.equal(inspect(bytes, { helloBytesMax: bytes.length }).verdict, "next");
    const { verdict, counted } = inspect(bytes, { helloBytesMax: bytes.length - 1 });
    assert.deepEqual([verdict, counted], ["close", ["client_hello_too_large"]]);
    const some = inspect(bytes.subarray(0, -2), { helloBytesMax: bytes.length - 1 });
    assert.equal(some.verdict, "more");
  });

  it("TlsInspector: how the bytes are split does not matter", () => {
    const property = fc.property(
      fc.oneof(
        fc.constant(helloBytes({ serverName: "a.test", protocols: ["h2", "x"] })),
        fc.constant(records(helloMessage(helloBody({ serverName: "a.test" })), 9)),
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        fc
          .uint8Array({ maxLength: 40 })
          .map((rest) => Uint8Array.from([22, 3, 1, 0, 20, 1, ...rest])),
      ),
      fc.integer({ min: 1, max: 50 }),
      (bytes, pieceBytes) => assert.deepEqual(inspect(bytes, {}, pieceBytes), inspect(bytes)),
    );
    fc.assert(property, { numRuns: 1000 });
  });
});
