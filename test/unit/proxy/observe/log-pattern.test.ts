import assert from "node:assert/strict";
import { type LogRecord, parseLogPattern } from "../../../../proxy/observe/log-pattern.ts";

const record: LogRecord = {
  level: "warning",
  name: "upstream",
  message: 'no endpoint of "catalog"\nis healthy\n',
  timeMs: new Date(2018, 2, 27, 15, 5, 6, 8).getTime(),
  processId: 3456,
  threadId: 1232,
  site: { file: "proxy/cluster/pick.ts", line: 123, functionName: "pickEndpoint" },
};

/** Flags of spdlog, with the values that its documentation gives as examples where it can be. */
const flags: readonly (readonly [flag: string, want: string])[] = [
  ["%v", 'no endpoint of "catalog"\nis healthy'],
  ["%_", 'no endpoint of "catalog"\\nis healthy'],
  ["%j", 'no endpoint of \\"catalog\\"\\nis healthy'],
  ["%t", "1232"],
  ["%P", "3456"],
  ["%n", "upstream"],
  ["%l", "warning"],
  ["%L", "W"],
  ["%a", "Tue"],
  ["%A", "Tuesday"],
  ["%b", "Mar"],
  ["%B", "March"],
  ["%c", "Tue Mar 27 15:05:06 2018"],
  ["%C", "18"],
  ["%Y", "2018"],
  ["%D", "03/27/18"],
  ["%x", "03/27/18"],
  ["%m", "03"],
  ["%d", "27"],
  ["%H", "15"],
  ["%I", "03"],
  ["%M", "05"],
  ["%S", "06"],
  ["%e", "008"],
  ["%f", "008000"],
  ["%F", "008000000"],
  ["%p", "PM"],
  ["%r", "03:05:06 PM"],
  ["%R", "15:05"],
  ["%T", "15:05:06"],
  ["%X", "15:05:06"],
  ["%%", "%"],
  ["%@", "proxy/cluster/pick.ts:123"],
  ["%s", "pick.ts"],
  ["%g", "proxy/cluster/pick.ts"],
  ["%#", "123"],
  ["%!", "pickEndpoint"],
  ["%^%l%$", "warning"],
  ["%8n", "upstream"],
  ["%10n", "  upstream"],
  ["%-10n|", "upstream  |"],
  ["%=10n|", " upstream |"],
  ["%2!n|", "up|"],
  ["%9!n|", " upstream|"],
  ["%Q stays", "%Q stays"],
  ["100%", "100%"],
];

describe("log pattern", () => {
  for (const [flag, want] of flags) {
    it(`parseLogPattern: ${flag} gives ${JSON.stringify(want)}`, () => {
      assert.equal(parseLogPattern(flag).format(record), want);
    });
  }

  it("parseLogPattern: Envoy's default pattern gives Envoy's line", () => {
    const pattern = parseLogPattern("[%Y-%m-%d %T.%e][%t][%l][%n] [%g:%#] %v");
    assert.equal(
      pattern.format({ ...record, message: "no endpoint" }),
      "[2018-03-27 15:05:06.008][1232][warning][upstream] [proxy/cluster/pick.ts:123] no endpoint",
    );
  });

  it("parseLogPattern: %z is the offset from UTC", () => {
    assert.match(parseLogPattern("%z").format(record), /^[+-]\d\d:\d\d$/);
  });

  it("parseLogPattern: only a pattern that shows the place asks for it", () => {
    assert.equal(parseLogPattern("%l %v %2!n").needsSite, false);
    assert.equal(parseLogPattern("%s").needsSite, true);
    assert.equal(parseLogPattern("%!").needsSite, true);
  });
});
