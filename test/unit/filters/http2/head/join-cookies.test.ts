import assert from "node:assert/strict";
import { Hpack } from "../../hpack/hpack.ts";
import { PlainTable, encodeForm, toField } from "../../hpack/reference/plain-hpack.ts";

/** Fields, and what they are afterwards. */
const ROWS: readonly [what: string, fields: readonly string[], joined: readonly string[]][] = [
  ["no cookie", ["a: 1"], ["a: 1"]],
  ["one cookie goes to the end", ["cookie: a=1", "x: y"], ["x: y", "cookie: a=1"]],
  [
    "crumbs are joined in their order",
    ["cookie: a=1", "x: y", "cookie: b=2", "z: z", "cookie: c"],
    ["x: y", "z: z", "cookie: a=1; b=2; c"],
  ],
  ["an empty crumb before the others is gone", ["cookie: ", "cookie: b=2"], ["cookie: b=2"]],
  [
    "an empty crumb between others stays",
    ["cookie: a", "cookie: ", "cookie: b"],
    ["cookie: a; ; b"],
  ],
  ["empty crumbs alone are gone", ["cookie: ", "x: y", "cookie: "], ["x: y"]],
  [
    "set-cookie is no cookie",
    ["set-cookie: a", "set-cookie: b"],
    ["set-cookie: a", "set-cookie: b"],
  ],
];

describe("join-cookies", () => {
  let hpack: Hpack;
  before(async function () {
    this.timeout(60_000);
    hpack = await Hpack.open();
  });

  function join(fields: readonly string[]): string[] {
    const decoder = hpack.decoder("trailers", { headerCountMax: 10_000 });
    const form = {
      kind: "plain",
      usesName: true,
      huffmanName: false,
      huffmanValue: false,
    } as const;
    const block = Buffer.concat(
      fields.map((line) => encodeForm(new PlainTable(), toField(line), form)),
    );
    assert.equal(decoder.decode(block).error, null);
    const joined = decoder.joinCookies();
    decoder.close();
    return joined;
  }

  for (const [what, fields, joined] of ROWS) {
    it(`joinCookies: ${what}`, () => {
      assert.deepEqual(join(fields), joined);
    });
  }

  it("joinCookies: many long crumbs are joined whole", () => {
    const crumbs = Array.from({ length: 200 }, (_, number) => `c${number}=${"v".repeat(number)}`);
    const fields = crumbs.map((crumb) => `cookie: ${crumb}`);
    assert.deepEqual(join(fields), [`cookie: ${crumbs.join("; ")}`]);
  });
});
