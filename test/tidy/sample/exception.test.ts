import assert from "node:assert/strict";
import { toProject } from "../project.ts";
import { checkRule, type Rule, toReport } from "../rule.ts";

/** Finds something in every source. */
const everywhere: Rule = {
  name: "everywhere",
  exceptions: [
    { kind: "place", path: "proxy/excused.ts", reason: "On purpose." },
    { kind: "place", path: "proxy/gone.ts", reason: "It was there once." },
    { kind: "other", path: "proxy/a.ts", reason: "Another demand." },
  ],
  find: ({ sources }) =>
    [...sources.keys()].map((path) => ({ path, line: 7, kind: "place", advice: "move" })),
};

describe("tidy exceptions", () => {
  const project = toProject({ "proxy/excused.ts": "", "proxy/b.ts": "", "proxy/a.ts": "" });

  it("checkRule: an exception excuses its own file and demand, and a needless one is told", () => {
    const findings = checkRule(everywhere, project);
    const places = findings.map(({ path, kind }) => `${path} ${kind}`);
    assert.deepEqual(places.toSorted(), [
      "proxy/a.ts exception",
      "proxy/a.ts place",
      "proxy/b.ts place",
      "proxy/gone.ts exception",
    ]);
  });

  it("toReport: findings are sorted by place, each with file, line, rule and advice", () => {
    const findings = everywhere.find(project);
    assert.equal(
      toReport(everywhere, findings),
      [
        "proxy/a.ts:7: everywhere/place: move",
        "proxy/b.ts:7: everywhere/place: move",
        "proxy/excused.ts:7: everywhere/place: move",
      ].join("\n"),
    );
  });
});
