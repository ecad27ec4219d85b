import assert from "node:assert/strict";
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import fc from "fast-check";
import { problemsOf, problemsOfText, sampleBootstrap } from "./sample-bootstrap.ts";

/** The objects and lists in a value, with the value itself. */
function collectContainers(value: JsonValue, into: (JsonObject | JsonValue[])[] = []) {
  if (value === null || typeof value !== "object") return into;
  into.push(value);
  for (const inner of Object.values(value)) collectContainers(inner, into);
  return into;
}

/** One change: which container, which of its entries, and what to put there. */
interface Change {
  readonly container: number;
  readonly entry: number;
  readonly kind: "replace" | "remove" | "rename" | "add" | "swap";
  readonly value: JsonValue;
}

const leaf = fc.oneof(
  fc.constantFrom<JsonValue>(null, true, false, 0, -1, 1e300, "", "a", "*", "0s", "-1s", "STATIC"),
  fc.constantFrom<JsonValue>([], {}, [null], [[]], { "@type": "type.googleapis.com/a.B" }),
  fc.string(),
  fc.integer(),
  fc.double(),
);

const anyChange: fc.Arbitrary<Change> = fc.record({
  container: fc.nat(),
  entry: fc.nat(),
  kind: fc.constantFrom("replace", "remove", "rename", "add", "swap"),
  value: leaf,
});

/** Names of real fields, so that additions often reach further than "unknown field". */
const NAMES = ["name", "type", "filters", "route", "match", "domains", "metadata", "typed_config"];

function apply(root: JsonObject, change: Change): void {
  const { container, entry, kind } = change;
  // The constants above are one object each; put in twice, one could come to hold itself.
  const value = structuredClone(change.value);
  const containers = collectContainers(root);
  const target = containers[container % containers.length];
  if (Array.isArray(target)) {
    if (kind === "remove") target.splice(entry % (target.length + 1), 1);
    else if (kind === "add") target.push(value);
    else target[entry % (target.length + 1)] = value;
    return;
  }
  const keys = Object.keys(target);
  const key = keys[entry % Math.max(keys.length, 1)] ?? "name";
  const other = NAMES[entry % NAMES.length];
  if (kind === "remove") Reflect.deleteProperty(target, key);
  else if (kind === "replace") target[key] = value;
  else if (kind === "add") target[other] = value;
  else {
    const moved = target[key] ?? null;
    if (kind === "rename") Reflect.deleteProperty(target, key);
    target[other] = moved;
  }
}

describe("bootstrap, at random", () => {
  it("parseBootstrap: whatever is changed, the answer is a bootstrap or the one error", () => {
    fc.assert(
      fc.property(fc.array(anyChange, { minLength: 1, maxLength: 6 }), (changes) => {
        const bootstrap = sampleBootstrap();
        for (const one of changes) apply(bootstrap, one);
        // JSON has no NaN and no infinities; they arrive as null.
        problemsOf(JSON.parse(JSON.stringify(bootstrap)));
      }),
      { numRuns: 300 },
    );
  });

  it("parseBootstrap: YAML that is cut or damaged anywhere gives the one error or none", () => {
    const text = JSON.stringify(sampleBootstrap(), null, 1);
    const damage = fc.record({
      at: fc.nat({ max: text.length }),
      cut: fc.nat({ max: 5 }),
      put: fc.string({ maxLength: 3, unit: fc.constantFrom(..."{}[],:&*!|>'\"\n\t %@`#?-~a0") }),
    });
    fc.assert(
      fc.property(damage, ({ at, cut, put }) => {
        const damaged = text.slice(0, at) + put + text.slice(at + cut);
        problemsOfText(damaged, "a.yaml");
        problemsOfText(damaged, "a.json");
      }),
      { numRuns: 200 },
    );
  });

  it("parseBootstrap: each problem is told once, and none without a reason", () => {
    fc.assert(
      fc.property(fc.array(anyChange, { minLength: 1, maxLength: 6 }), (changes) => {
        const bootstrap = sampleBootstrap();
        for (const one of changes) apply(bootstrap, one);
        const problems = problemsOf(JSON.parse(JSON.stringify(bootstrap)));
        assert.equal(new Set(problems).size, problems.length);
        for (const problem of problems) assert.match(problem, /\S$/);
      }),
      { numRuns: 100 },
    );
  });
});
