import assert from "node:assert/strict";
import type { ListenerSketch } from "../../support/listener/sketch.ts";
import { sendPlain, sendRequest } from "./client.ts";
import { ListenerPair } from "./listener-pair.ts";

const SEEN =
  "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT% " +
  "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT% " +
  "%DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT%";
const chains = { all: {} };
const fields = { listener_filters_timeout: "0.3s" };

const LISTENERS: readonly ListenerSketch[] = [
  { name: "plain", filters: [["proxy"]], chains, seen: SEEN, fields },
  {
    name: "lenient",
    filters: [["proxy", { allow_requests_without_proxy_protocol: true, stat_prefix: "l" }]],
    chains,
    seen: SEEN,
    fields,
  },
  {
    name: "old",
    filters: [["proxy", { disallowed_versions: ["V2"], stat_prefix: "o" }]],
    chains,
    seen: SEEN,
    fields,
  },
  {
    name: "newest",
    filters: [["proxy", { disallowed_versions: ["V1"], stat_prefix: "nn" }]],
    chains,
    seen: SEEN,
    fields,
  },
  {
    name: "new",
    filters: [
      [
        "proxy",
        {
          disallowed_versions: ["V1"],
          allow_requests_without_proxy_protocol: true,
          stat_prefix: "n",
        },
      ],
    ],
    chains,
    seen: SEEN,
    fields,
  },
  { name: "ports", filters: [["proxy"]], chains, seen: "%DOWNSTREAM_REMOTE_ADDRESS%", fields },
];

const SIGNATURE = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10];
const IPV4 = [192, 0, 2, 1, 198, 51, 100, 7, 0x1f, 0x90, 0x01, 0xbb];
const IPV6 = [
  ...new Array<number>(15).fill(0xfd),
  1,
  ...new Array<number>(15).fill(0xfd),
  2,
  0,
  9,
  0,
  8,
];

function binary(command: number, family: number, rest: readonly number[]): Buffer {
  return Buffer.from([...SIGNATURE, command, family, rest.length >> 8, rest.length & 255, ...rest]);
}

/** Headers before a request. */
const HEADERS: Readonly<Record<string, Buffer | string>> = {
  "a line of IPv4": "PROXY TCP4 192.0.2.1 198.51.100.7 8080 443\r\n",
  "a line of IPv6": "PROXY TCP6 2001:db8::1 2001:db8::2 8080 443\r\n",
  "a line that knows nothing": "PROXY UNKNOWN\r\n",
  "a line that knows nothing and says more": "PROXY UNKNOWN a b c d\r\n",
  "a line with too few words": "PROXY TCP4 192.0.2.1 198.51.100.7 8080\r\n",
  "a line of another family": "PROXY UDP4 192.0.2.1 198.51.100.7 8080 443\r\n",
  "a line with a bad port": "PROXY TCP4 192.0.2.1 198.51.100.7 8080 70000\r\n",
  "a line with IPv6 as IPv4": "PROXY TCP4 ::1 ::2 8080 443\r\n",
  "a line with no address": "PROXY TCP4 0.0.0.0 198.51.100.7 8080 443\r\n",
  "a line with a group": "PROXY TCP4 224.0.0.1 198.51.100.7 8080 443\r\n",
  "a line without end": `PROXY TCP4 ${"1".repeat(120)}`,
  "no header": "",
  "a header of IPv4": binary(0x21, 0x11, IPV4),
  "a header of IPv6": binary(0x21, 0x21, IPV6),
  "a header of IPv4 with TLVs": binary(0x21, 0x11, [...IPV4, 1, 0, 2, 104, 50, 4, 0, 0]),
  "a header of the proxy's own": binary(0x20, 0, []),
  "a header of the proxy's own with addresses": binary(0x20, 0x11, IPV4),
  "a header of a Unix socket": binary(0x21, 0x31, new Array<number>(216).fill(97)),
  "a header of no family": binary(0x21, 0, []),
  "a header of another version": binary(0x31, 0x11, IPV4),
  "a header of another command": binary(0x22, 0x11, IPV4),
  "a header that is too short": binary(0x21, 0x11, IPV4.slice(1)),
  "a header with a TLV that is cut off": binary(0x21, 0x11, [...IPV4, 1, 0, 9, 1]),
};

describe("differential listener: PROXY protocol", () => {
  let pair: ListenerPair | undefined;

  before(async function () {
    this.timeout(30_000);
    pair = await ListenerPair.start(this, LISTENERS);
  });
  after(() => pair?.stop());

  it("ports: the port is that of the header", async () => {
    const header = binary(0x21, 0x11, IPV4);
    const answers = await pair?.ask("ports", (port) => sendRequest(port, header));
    assert.ok(answers !== undefined);
    assert.equal(answers.ours, answers.envoy);
    assert.ok(answers.ours.endsWith(" 192.0.2.1:8080"));
  });

  for (const { name: on = "" } of LISTENERS.slice(0, -1)) {
    for (const [name, header] of Object.entries(HEADERS)) {
      it(`${on}: ${name}`, async () => {
        const answers = await pair?.ask(on, (port) => sendRequest(port, header));
        assert.ok(answers !== undefined);
        assert.equal(answers.ours, answers.envoy);
      });
    }
  }

  it("plain: a header in pieces, and half of one and then silence", async () => {
    const request = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    const header = binary(0x21, 0x11, IPV4);
    for (const pieces of [
      ["PROXY TCP4 192.0.2.1 ", "198.51.100.7 8080 443\r", `\n${request}`],
      [header.subarray(0, 5), header.subarray(5, 20), header.subarray(20), request],
      ["PROXY TCP4 "],
      [header.subarray(0, 14)],
    ]) {
      const answers = await pair?.ask("plain", (port) => sendPlain(port, ...pieces));
      assert.ok(answers !== undefined);
      assert.equal(answers.ours, answers.envoy);
    }
  });

  it("statistics: listeners and their filters have counted the same", async () => {
    const stats = await pair?.stats();
    assert.ok(stats !== undefined);
    assert.deepEqual(stats.ours, stats.envoy);
    assert.ok(Object.keys(stats.envoy).length > 10);
  });
});
