import assert from "node:assert/strict";
import { readFirstMessage } from "../../../../../proxy/listener/hello/handshake-message.ts";
import { bytesOf, helloBody, helloBytes, helloMessage, records } from "./sample-hello.ts";

const kindOf = (bytes: Uint8Array): string => readFirstMessage(bytes).kind;

describe("readFirstMessage", () => {
  for (const fragmentBytes of [16_384, 100, 7, 3, 1]) {
    it(`readFirstMessage: a ClientHello in records of ${fragmentBytes} bytes`, () => {
      const body = helloBody({ serverName: "a.test" });
      const bytes = records(helloMessage(body), fragmentBytes);
      for (let length = 0; length < bytes.length; length++) {
        assert.equal(kindOf(bytes.subarray(0, length)), "more", `${length} bytes`);
      }
      const message = readFirstMessage(Uint8Array.from([...bytes, 1, 2, 3]));
      assert.ok(message.kind === "hello");
      assert.deepEqual([...message.body], body);
      assert.equal(message.bytes, bytes.length);
    });
  }

  const others: readonly [name: string, bytes: readonly number[]][] = [
    ["an HTTP request", [...Buffer.from("GET / HTTP/1.1\r\n")]],
    ["another content type", [23, 3, 1, 0, 1, 1]],
    ["another major version", [22, 2, 0, 0, 1, 1]],
    ["an empty record", [22, 3, 1, 0, 0]],
    ["a record that is too long", [22, 3, 1, 0x40, 0x01]],
    ["another message", [22, 3, 1, 0, 4, 2, 0, 0, 0]],
    ["a message that is too long", [22, 3, 1, 0, 4, 1, ...bytesOf(16_385, 3)]],
    ["more than the message in its record", [22, 3, 1, 0, 6, 1, 0, 0, 1, 0, 0]],
  ];
  for (const [name, bytes] of others) {
    it(`readFirstMessage: ${name} is none`, () => {
      assert.equal(kindOf(Uint8Array.from(bytes)), "other");
    });
  }

  it("readFirstMessage: nothing is decided before five bytes are there", () => {
    assert.equal(kindOf(Buffer.from("GET ")), "more");
    assert.equal(kindOf(Buffer.from("GET /")), "other");
  });

  it("readFirstMessage: the longest record and message are waited for", () => {
    assert.equal(kindOf(Uint8Array.of(22, 3, 1, 0x40, 0)), "more");
    assert.equal(kindOf(Uint8Array.of(22, 3, 1, 0x40, 0, 1, ...bytesOf(16_384, 3))), "more");
    assert.equal(kindOf(helloBytes()), "hello");
  });
});
