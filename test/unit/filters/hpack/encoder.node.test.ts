import assert from "node:assert/strict";
import { Hpack } from "./hpack.ts";
import { NodeRequester, NodeResponder } from "./reference/node-http2.ts";
import { type Field, toLine } from "./reference/plain-hpack.ts";

/** Requests of one connection, as a browser and a mesh would send them. */
function request(turn: number): Field[] {
  const fields: Field[] = [
    [":method", turn % 3 === 0 ? "POST" : "GET"],
    [":path", turn % 2 === 0 ? `/products/${turn % 4}` : `/search?q=${turn}`],
    [":authority", "shop.example.com"],
    [":scheme", "https"],
    ["user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"],
    ["accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
    ["accept-encoding", "gzip, deflate"],
    ["x-request-id", `5a3c0f0e-4a55-9d1b-8e2c-${String(turn).padStart(12, "0")}`],
    ["cookie", `session=${"0123456789abcdef".repeat(2)}`],
    ["cookie", `a=${turn}`],
    ["authorization", "Bearer <token>"],
    ["x-forwarded-for", `10.0.0.${turn % 5}`],
    ["x-bytes", "\xe9\x80\xff{}"],
  ];
  return turn % 7 === 0 ? [...fields, ["x-long", "v".repeat(turn * 40)]] : fields;
}

describe("encoder: beside Node", () => {
  let hpack: Hpack;
  before(async function () {
    this.timeout(60_000);
    hpack = await Hpack.open();
  });

  for (const tableBytes of [0, 100, 400, 4096, 65_536]) {
    it(`encodeBlock: Node reads what we write, with a table of ${tableBytes} bytes`, async () => {
      const node = new NodeResponder({ headerTableSize: tableBytes });
      const encoder = hpack.encoder(65_536);
      encoder.limit(tableBytes);
      for (let turn = 0; turn < 60; turn++) {
        const fields = request(turn);
        const read = await node.decode(encoder.encode("request", fields));
        assert.deepEqual(read, fields, `request ${turn}`);
      }
      encoder.close();
      node.close();
    });

    it(`decodeBlock: we read what Node writes, with a table of ${tableBytes} bytes`, async () => {
      const node = new NodeRequester();
      const decoder = hpack.decoder("request");
      await node.limit(tableBytes);
      decoder.limit(tableBytes);
      for (let turn = 0; turn < 60; turn++) {
        const fields = request(turn).filter(([name]) => name !== "cookie");
        const {
          error,
          headError,
          fields: read,
        } = decoder.decode(await node.encode(Object.fromEntries(fields)));
        assert.deepEqual([error, headError], [null, null], `request ${turn}`);
        assert.deepEqual(read, fields.map(toLine));
      }
      assert.ok(decoder.tableSize <= tableBytes);
      decoder.close();
      node.close();
    });
  }

  it("decodeBlock: we follow Node when the size of its table changes", async () => {
    const node = new NodeRequester();
    const decoder = hpack.decoder("request");
    for (const tableBytes of [4096, 0, 300, 65_536, 100, 4096]) {
      await node.limit(tableBytes);
      decoder.limit(tableBytes);
      for (let turn = 0; turn < 5; turn++) {
        const fields = request(turn).filter(([name]) => name !== "cookie");
        const decoded = decoder.decode(await node.encode(Object.fromEntries(fields)));
        assert.deepEqual([decoded.error, decoded.fields.length], [null, fields.length]);
      }
      assert.ok(decoder.tableSize <= tableBytes);
    }
    decoder.close();
    node.close();
  });
});
