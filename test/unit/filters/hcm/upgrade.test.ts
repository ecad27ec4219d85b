import assert from "node:assert/strict";
import { HcmModule, type IgnoredUpgrade } from "./hcm-module.ts";

const FOO: readonly IgnoredUpgrade[] = [
  { text: "foo" },
  { text: "tls/", isPrefix: true },
  { text: "bar", ignoresCase: true },
];

/** What is left of an upgrade, as Envoy 1.40 has it. */
const rows: readonly {
  readonly upgrade: readonly string[];
  readonly ignored?: readonly IgnoredUpgrade[];
  /** The protocols that are still asked for; `null` for none. */
  readonly left: string | null;
}[] = [
  { upgrade: ["websocket"], left: "websocket" },
  { upgrade: ["h2c"], left: null },
  { upgrade: ["H2C"], left: null },
  { upgrade: ["h2c, websocket"], left: "h2c, websocket" },
  { upgrade: [""], left: "" },
  { upgrade: ["foo"], ignored: FOO, left: null },
  { upgrade: ["Foo"], ignored: FOO, left: "Foo" },
  { upgrade: ["BAR"], ignored: FOO, left: null },
  { upgrade: ["foobar"], ignored: FOO, left: "foobar" },
  { upgrade: ["tls/1.2"], ignored: FOO, left: null },
  { upgrade: ["TLS/1.2"], ignored: FOO, left: "TLS/1.2" },
  { upgrade: ["foo,tls/1.0"], ignored: FOO, left: null },
  { upgrade: [" foo ,\tbar"], ignored: FOO, left: null },
  { upgrade: ["foo, websocket"], ignored: FOO, left: "websocket" },
  { upgrade: ["websocket, foo, a b"], ignored: FOO, left: "websocket,a b" },
  { upgrade: ["foo", "tls/1.1"], ignored: FOO, left: null },
  { upgrade: ["foo", "websocket"], ignored: FOO, left: "websocket" },
  { upgrade: ["foo, h2c"], ignored: FOO, left: "h2c" },
  { upgrade: ["h2c"], ignored: FOO, left: null },
  { upgrade: [""], ignored: FOO, left: null },
  { upgrade: [",,"], ignored: FOO, left: null },
];

describe("upgrade", () => {
  let hcm: HcmModule;
  before(async function () {
    this.timeout(60_000);
    hcm = await HcmModule.open();
  });

  for (const { upgrade, ignored = [], left } of rows) {
    const texts = ignored.map(({ text }) => text).join(" ");
    it(`forgetUpgrades: of ${JSON.stringify(upgrade)} without ${texts} ${left} is left`, () => {
      const lines = upgrade.map((value) => `upgrade: ${value}\r\n`).join("");
      const head = `GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\n${lines}\r\n`;
      const prepared = hcm.prepare(head, { ignoredUpgrades: ignored });
      assert.equal(prepared?.isUpgrade, left !== null);
      assert.equal(prepared?.get("upgrade") ?? null, left);
    });
  }
});
