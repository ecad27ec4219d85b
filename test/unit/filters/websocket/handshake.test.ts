import assert from "node:assert/strict";
import { type Lines, WebSocketModule } from "./websocket-module.ts";

const KEY = ["sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="] as const;
const ACCEPT = ["sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="] as const;
/** "the sample nonce", which is the key above. */
const HIGH = Buffer.from("the samp").readBigUInt64LE();
const LOW = Buffer.from("le nonce").readBigUInt64LE();
const UPGRADE = ["upgrade", "websocket"] as const;

/** Whether a head asks for, or begins, WebSocket. RFC 6455 §4.1: without regard to case. */
const kinds: readonly (readonly [lines: Lines, isWebSocket: boolean])[] = [
  [[UPGRADE], true],
  [[["upgrade", "WebSocket"]], true],
  [[["upgrade", "websocket, h2c"]], false],
  [[["upgrade", "websockets"]], false],
  [[["connection", "websocket"]], false],
  [[], false],
];

/** What a client takes for the answer to its key. RFC 6455 §4.1. */
const answers: readonly (readonly [why: string, lines: Lines, isAnswered: boolean])[] = [
  ["the right one", [UPGRADE, ACCEPT], true],
  ["none", [UPGRADE], false],
  ["two, both right", [UPGRADE, ACCEPT, ACCEPT], false],
  ["of another key", [UPGRADE, [ACCEPT[0], "HSmrc0sMlYUkAGmm5OPpG2HaGWk="]], false],
  ["longer", [UPGRADE, [ACCEPT[0], `${ACCEPT[1]}=`]], false],
  ["in another case", [UPGRADE, [ACCEPT[0], ACCEPT[1].toLowerCase()]], false],
  ["of another protocol", [["upgrade", "foo"], ACCEPT], false],
  ["without protocol", [ACCEPT], false],
];

/** What a client of HTTP/1 is told when its upstream, in HTTP/2, knows no keys. */
const added: readonly (readonly [
  why: string,
  request: Lines,
  response: Lines,
  want: string | null,
])[] = [
  ["a key is answered", [KEY], [], ACCEPT[1]],
  ["the answer of the upstream stays", [KEY], [[ACCEPT[0], "x"]], "x"],
  ["no key, no answer", [], [], null],
  ["of two keys none is answered", [KEY, KEY], [], null],
  ["a key longer than 128 bytes is not answered", [[KEY[0], "k".repeat(129)]], [], null],
];

describe("handshake", () => {
  let websocket: WebSocketModule;
  before(async function () {
    this.timeout(60_000);
    websocket = await WebSocketModule.open();
  });

  for (const [lines, isWebSocket] of kinds) {
    it(`isWebSocket: ${JSON.stringify(lines)}: ${isWebSocket}`, () => {
      const got = websocket.exports.asksForWebSocket(websocket.block(lines));
      assert.equal(got !== 0, isWebSocket);
    });
  }

  for (const [why, lines, isAnswered] of answers) {
    it(`isAnswered: ${why}: ${isAnswered}`, () => {
      const got = websocket.exports.answers(websocket.block(lines), HIGH, LOW);
      assert.equal(got !== 0, isAnswered);
    });
  }

  for (const [why, request, response, want] of added) {
    it(`answerKey: ${why}`, () => {
      const block = websocket.block(response);
      websocket.exports.addAccept(websocket.block(request), block);
      assert.equal(websocket.value(block, 0, want?.length ?? 0), want);
      assert.equal(websocket.exports.count(block), want === null ? 0 : 1);
    });
  }

  it("hasKey: with a key, and without", () => {
    assert.equal(websocket.exports.bringsKey(websocket.block([UPGRADE, KEY])), 1);
    assert.equal(websocket.exports.bringsKey(websocket.block([UPGRADE])), 0);
  });

  it("removeAccept: takes all of them, and nothing else", () => {
    const block = websocket.block([UPGRADE, ACCEPT, ACCEPT]);
    websocket.exports.dropAccept(block);
    assert.deepEqual(
      [0, 1, 2].map((at) => websocket.value(block, at, 9)),
      ["websocket", null, null],
    );
  });
});
