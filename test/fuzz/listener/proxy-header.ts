import assert from "node:assert/strict";
import { isIP } from "node:net";
import {
  PROXY_PROTOCOL_COUNTERS,
  PROXY_PROTOCOL_LEGACY_COUNTERS,
} from "../../../api/engine/network/listener-filter-stats.ts";
import type { ProxyProtocolModel } from "../../../proxy/config/listener-model.ts";
import { ConnectionFacts } from "../../../proxy/listener/connection-facts.ts";
import { ProxyProtocol } from "../../../proxy/listener/filter/proxy-protocol.ts";
import { CountNotes, ENDS, feed } from "../../unit/proxy/listener/counted-filter.ts";
import type { FuzzTarget } from "../target.ts";

const RULE = { type: 1, namespace: "n", key: "k", encoding: "utf8" } as const;

/** What a filter makes of the bytes when they come in such pieces. */
function inspect(input: Buffer, pieceBytes: number, model: Partial<ProxyProtocolModel>) {
  const facts = new ConnectionFacts(ENDS);
  const notes = new CountNotes(PROXY_PROTOCOL_COUNTERS);
  const legacy = new CountNotes(PROXY_PROTOCOL_LEGACY_COUNTERS);
  const plain: ProxyProtocolModel = {
    kind: "proxy-protocol",
    statPrefix: "",
    allowsNone: false,
    disallowed: [],
    rules: [RULE],
    passed: "all",
  };
  const filter = new ProxyProtocol({ ...plain, ...model }, facts, notes, legacy);
  const verdict = feed(filter, input, pieceBytes);
  const { ends, tlvs, metadata, isLocalRestored } = facts;
  const { takenBytes } = filter;
  const counted = [...notes.counted, ...legacy.counted];
  return { verdict, takenBytes, ends, tlvs, metadata, isLocalRestored, counted };
}

/** A header: one verdict however it is split, and ends that are addresses and ports. */
function fuzzProxyHeader(input: Buffer): void {
  if (input.length === 0) return;
  for (const model of [{}, { allowsNone: true }, { disallowed: [1] }]) {
    const whole = inspect(input, input.length, model);
    for (const pieceBytes of [1, 7]) assert.deepEqual(inspect(input, pieceBytes, model), whole);
    const { remoteAddress, remotePort, localAddress, localPort } = whole.ends;
    assert.ok(isIP(remoteAddress) !== 0 && isIP(localAddress) !== 0);
    assert.ok(remotePort <= 65_535 && localPort <= 65_535);
    assert.ok(whole.takenBytes <= input.length);
    assert.ok(whole.verdict === "more" || whole.counted.length > 0, "it is counted");
  }
}

/** `npm run fuzz proxy-header`. */
export const PROXY_HEADER_TARGET: FuzzTarget = {
  name: "proxy-header",
  words: [
    ...["PROXY ", "TCP4 ", "TCP6 ", "UNKNOWN", "\r\n", " ", "192.0.2.1", "2001:db8::1", "443"],
    ...[
      "\r\n\r\n\0\r\nQUIT\n",
      "\x21\x11",
      "\x21\x21",
      "\x20\0",
      "\0\x0c",
      "\x03\0\x04",
      "\x01\0\x01",
    ],
  ],
  open: () => Promise.resolve(fuzzProxyHeader),
};
