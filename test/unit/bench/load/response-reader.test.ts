import assert from "node:assert/strict";
import { ResponseReader } from "../../../../bench/load/response-reader.ts";

const TWO_RESPONSES = Buffer.from(
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" +
    "HTTP/1.1 404 Not Found\r\ncontent-length:0\r\nServer: x\r\n\r\n",
);

describe("bench/load/response-reader", () => {
  it("receive: two responses in one piece", () => {
    const reader = new ResponseReader();
    assert.equal(reader.receive(TWO_RESPONSES), 2);
    assert.equal(reader.status, 404);
  });

  it("receive: two responses cut at every place", () => {
    for (let cut = 1; cut < TWO_RESPONSES.length; cut += 1) {
      const reader = new ResponseReader();
      const first = reader.receive(TWO_RESPONSES.subarray(0, cut));
      const second = reader.receive(TWO_RESPONSES.subarray(cut));
      assert.equal(first + second, 2, `cut at ${cut}`);
      assert.equal(reader.status, 404);
    }
  });

  it("receive: two responses byte by byte", () => {
    const reader = new ResponseReader();
    let completed = 0;
    for (const byte of TWO_RESPONSES) completed += reader.receive(Buffer.of(byte));
    assert.equal(completed, 2);
  });

  it("receive: a body does not end early", () => {
    const reader = new ResponseReader();
    assert.equal(reader.receive(TWO_RESPONSES.subarray(0, 42)), 0);
    assert.equal(reader.status, 200);
  });

  it("receive: a head without Content-Length is refused", () => {
    const reader = new ResponseReader();
    const head = Buffer.from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert.throws(() => reader.receive(head), /no Content-Length/);
  });

  it("receive: a head without end is refused", () => {
    const reader = new ResponseReader();
    assert.throws(() => reader.receive(Buffer.alloc(40_000, "a")), /no end/);
  });
});
