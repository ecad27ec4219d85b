import assert from "node:assert/strict";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { BootstrapSchema } from "../../../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { type Runtime, readRuntime } from "../../../../proxy/config/runtime.ts";

/** A runtime of these static layers, lowest first. */
function runtimeOf(...layers: readonly JsonObject[]): Runtime {
  const named = layers.map((staticLayer, index) => ({ name: `layer${index}`, staticLayer }));
  return readRuntime(fromJson(BootstrapSchema, { layeredRuntime: { layers: named } }));
}

const TEN = { numerator: 10, denominator: "TEN_THOUSAND" };

/** Values as Envoy's snapshot reads them. */
const values: readonly { value: JsonObject[string]; integer?: number; fraction?: unknown }[] = [
  { value: 5, integer: 5, fraction: { numerator: 5, denominator: 100 } },
  { value: "5", integer: 5, fraction: { numerator: 5, denominator: 100 } },
  { value: 0, integer: 0, fraction: { numerator: 0, denominator: 100 } },
  { value: 2.5, fraction: { numerator: 2.5, denominator: 100 } },
  { value: "" },
  { value: "word" },
  { value: true },
  { value: [1] },
  { value: TEN, fraction: { numerator: 10, denominator: 10_000 } },
  { value: { numerator: 3 }, fraction: { numerator: 3, denominator: 100 } },
  { value: { numerator: 3, denominator: "DOZEN" } },
];

describe("runtime", () => {
  for (const { value, integer, fraction } of values) {
    it(`Runtime: ${JSON.stringify(value)} as a number and as a share`, () => {
      const runtime = runtimeOf({ key: value });
      assert.equal(runtime.integer("key"), integer);
      assert.deepEqual(runtime.fraction("key"), fraction);
    });
  }

  it("Runtime: the last layer that has a key wins", () => {
    const runtime = runtimeOf({ a: 1, b: 1 }, { a: 2 }, { c: 3 });
    assert.equal(runtime.integer("a"), 2);
    assert.equal(runtime.integer("b"), 1);
    assert.equal(runtime.value("d"), undefined);
    assert.deepEqual(runtime.layers, ["layer0", "layer1", "layer2"]);
  });

  it("Runtime: objects nest with dots, but a fraction is a value", () => {
    const runtime = runtimeOf({ a: { b: { c: 1 }, share: TEN } });
    assert.equal(runtime.integer("a.b.c"), 1);
    assert.deepEqual(runtime.fraction("a.share"), { numerator: 10, denominator: 10_000 });
    assert.equal(runtime.value("a.share.numerator"), undefined);
  });

  it("Runtime: entries are sorted, with each layer's text or nothing", () => {
    const runtime = runtimeOf({ b: true, a: "x" }, { b: TEN });
    assert.deepEqual(
      runtime.entries(),
      new Map([
        ["a", ["x", ""]],
        ["b", ["true", '{"numerator":10,"denominator":"TEN_THOUSAND"}']],
      ]),
    );
  });

  it("readRuntime: no layers at all is a runtime that says nothing", () => {
    const runtime = readRuntime(fromJson(BootstrapSchema, {}));
    assert.deepEqual(runtime.layers, []);
    assert.equal(runtime.fraction("a"), undefined);
  });
});
