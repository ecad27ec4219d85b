import assert from "node:assert/strict";
import { platformOf } from "../../../../proxy/socket/platform.ts";

const rows = [
  { name: "linux", want: { sharesPorts: true, duplicateCommand: 1030 } },
  { name: "darwin", want: { sharesPorts: false, duplicateCommand: 67 } },
  { name: "sunos", want: { sharesPorts: false, duplicateCommand: null } },
];

describe("platform", () => {
  for (const { name, want } of rows) {
    it(`platformOf: ${name}`, () => assert.deepEqual(platformOf(name), want));
  }
});
