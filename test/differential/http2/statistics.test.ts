import assert from "node:assert/strict";
import { requirePeer } from "../../support/mocha/skip.ts";
import { assertDocumented } from "../pair/compare.ts";
import { SCENARIOS } from "./scenarios.ts";
import { type Growth, playWithEnvoy, playWithOurs } from "./stage.ts";

/** What differs in which scenario, and the heading that says why. */
const EXCEPTIONS: readonly (readonly [scenario: RegExp, statistic: RegExp, heading: string])[] = [
  [
    /^too-many-headers$|^underscores-REJECT/,
    /^http2\.tx_reset$/,
    "Heads of HTTP/2 that are refused are answered",
  ],
];

describe("differential, statistics of HTTP/2", () => {
  let envoy: ReadonlyMap<string, Growth> = new Map();
  let ours: ReadonlyMap<string, Growth> = new Map();

  before(async function () {
    this.timeout(60_000);
    const envoyPath = requirePeer(this, "envoy");
    [envoy, ours] = await Promise.all([
      playWithEnvoy(SCENARIOS, envoyPath),
      playWithOurs(SCENARIOS),
    ]);
  });

  for (const { name } of SCENARIOS) {
    it(`${name}: both count the same`, () => {
      assert.deepEqual(withoutExcepted(name, ours), withoutExcepted(name, envoy));
    });
  }

  it("statistics of HTTP/2: each exception is documented and still needed", () => {
    for (const [scenario, statistic, heading] of EXCEPTIONS) {
      assertDocumented(heading);
      const names = SCENARIOS.map(({ name }) => name).filter((name) => scenario.test(name));
      const differs = (name: string): boolean => {
        const [a, b] = [envoy.get(name) ?? {}, ours.get(name) ?? {}];
        return Object.keys({ ...a, ...b }).some((key) => statistic.test(key) && a[key] !== b[key]);
      };
      assert.ok(names.some(differs), `${scenario} and ${statistic} are the same now`);
    }
  });
});

function withoutExcepted(name: string, growths: ReadonlyMap<string, Growth>): Growth {
  const growth = growths.get(name);
  assert.ok(growth !== undefined);
  const isExcepted = (key: string): boolean =>
    EXCEPTIONS.some(([scenario, statistic]) => scenario.test(name) && statistic.test(key));
  return Object.fromEntries(Object.entries(growth).filter(([key]) => !isExcepted(key)));
}
