import assert from "node:assert/strict";
import { parseAddress, toDestinationModel } from "../../../../proxy/cluster/original-dst.ts";

const rows: readonly (readonly [text: string, host: string | null, port?: number])[] = [
  ["10.0.0.1:80", "10.0.0.1", 80],
  ["10.0.0.1:0", "10.0.0.1", 0],
  ["10.0.0.1:65535", "10.0.0.1", 65535],
  ["10.0.0.1:65536", null],
  ["10.0.0.1:123456", null],
  ["[::1]:80", "::1", 80],
  ["[10.0.0.1]:80", null],
  ["::1:80", null],
  ["10.0.0.1", null],
  ["10.0.0.1:", null],
  ["10.0.0.1:+80", null],
  ["10.0.0.256:80", null],
  ["reviews:80", null],
  [" 10.0.0.1:80", null],
  ["", null],
];

describe("original-dst", () => {
  for (const [text, host, port] of rows) {
    it(`parseAddress: ${JSON.stringify(text)} is ${host ?? "none"}`, () => {
      const want = host === null ? null : { kind: "tcp", host, port };
      assert.deepEqual(parseAddress(text), want);
    });
  }

  it("toDestinationModel: an endpoint as any other, without metadata", () => {
    const address = { kind: "tcp", host: "10.0.0.1", port: 80 } as const;
    const { weight, isHealthy, passedMetadata, ...model } = toDestinationModel(address);
    assert.deepEqual(model.address, address);
    assert.deepEqual(
      { weight, isHealthy, passedMetadata },
      { weight: 1, isHealthy: true, passedMetadata: [] },
    );
  });
});
