import assert from "node:assert/strict";
import { HcmModule } from "./hcm-module.ts";

/** Moments and their IMF-fixdate. The first is the example of RFC 9110 §5.6.7. */
const rows: readonly (readonly [iso: string, want: string])[] = [
  ["1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"],
  ["1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"],
  ["2000-02-29T23:59:59Z", "Tue, 29 Feb 2000 23:59:59 GMT"],
  ["2023-12-31T12:00:00Z", "Sun, 31 Dec 2023 12:00:00 GMT"],
  ["2024-03-01T00:00:00Z", "Fri, 01 Mar 2024 00:00:00 GMT"],
  ["2100-02-28T06:07:08Z", "Sun, 28 Feb 2100 06:07:08 GMT"],
];

describe("Date", () => {
  let hcm: HcmModule;
  before(async function () {
    this.timeout(60_000);
    hcm = await HcmModule.open();
  });

  for (const [iso, want] of rows) {
    it(`dateText: ${want}`, () => assert.equal(hcm.dateAt(Date.parse(iso)), want));
  }
});
