import assert from "node:assert/strict";
import { toPlainText } from "../../../../../proxy/tls/certificate/other-name.ts";

const rows: readonly (readonly [tag: number, hex: string, want: string | null])[] = [
  [0x0c, "c3a9", "é"],
  [0x16, "6140", "a@"],
  [0x13, "61", "a"],
  [0x04, "ff", "\u00ff"],
  [0x01, "00", "false"],
  [0x01, "ff", "true"],
  [0x01, "", null],
  [0x02, "00ff", "255"],
  [0x02, "ff", "-1"],
  [0x0a, "07", "7"],
  [0x02, "", null],
  [0x02, "01".repeat(64), `${BigInt(`0x${"01".repeat(64)}`)}`],
  [0x02, "01".repeat(65), null],
  [0x05, "", null],
  [0x30, "0500", null],
];

describe("other name", () => {
  for (const [tag, hex, want] of rows) {
    const start = hex.slice(0, 8);
    it(`toPlainText: tag ${tag} and "${start}" make ${want?.slice(0, 8) ?? "nothing"}`, () => {
      assert.equal(toPlainText({ tag, content: Buffer.from(hex, "hex") }), want);
    });
  }
});
