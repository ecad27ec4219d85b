import assert from "node:assert/strict";
import { TLS_INSPECTOR_COUNTERS } from "../../../api/engine/network/listener-filter-stats.ts";
import type { TlsInspectorModel } from "../../../proxy/config/listener-model.ts";
import { ConnectionFacts } from "../../../proxy/listener/connection-facts.ts";
import { TlsInspector } from "../../../proxy/listener/filter/tls-inspector.ts";
import { CountNotes, ENDS, feed } from "../../unit/proxy/listener/counted-filter.ts";
import type { FuzzTarget } from "../target.ts";

const MODEL: TlsInspectorModel = {
  kind: "tls-inspector",
  helloBytesMax: 2048,
  closesOnParseError: false,
  makesJa3: true,
};

/** What an inspector makes of the bytes when they come in such pieces. */
function inspect(input: Buffer, pieceBytes: number) {
  const facts = new ConnectionFacts(ENDS);
  const notes = new CountNotes(TLS_INSPECTOR_COUNTERS);
  const verdict = feed(new TlsInspector(MODEL, facts, notes), input, pieceBytes);
  const { serverName, transportProtocol, applicationProtocols, ja3 } = facts;
  return { verdict, serverName, transportProtocol, applicationProtocols, ja3, ...notes };
}

/** The first bytes of a connection: one verdict however they are split, and names within limits. */
function fuzzClientHello(input: Buffer): void {
  if (input.length === 0) return;
  const whole = inspect(input, input.length);
  for (const pieceBytes of [1, 7]) assert.deepEqual(inspect(input, pieceBytes), whole);
  assert.ok(whole.serverName.length <= 255 && !/[A-Z\0]/.test(whole.serverName));
  assert.ok(whole.applicationProtocols.every((name) => name.length > 0 && name.length < 256));
  const found = whole.counted.includes("tls_found");
  assert.equal(whole.transportProtocol === "tls", found);
  assert.ok(whole.verdict !== "more" || input.length < MODEL.helloBytesMax);
}

/** `npm run fuzz client-hello`. */
export const CLIENT_HELLO_TARGET: FuzzTarget = {
  name: "client-hello",
  words: [
    ...["\x16\x03\x01", "\x16\x03\x03", "\x01\0\0", "\x03\x03", "\0\0", "\0\x10", "\0\x2b"],
    ...["\x02h2", "\x08http/1.1", "\x13\x01", "\x0a\x0a", "a.test", "\xff\xff", "GET / HTTP/1.1"],
  ],
  open: () => Promise.resolve(fuzzClientHello),
};
