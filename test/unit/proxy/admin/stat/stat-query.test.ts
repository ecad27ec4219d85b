import assert from "node:assert/strict";
import { parseStatQuery, pickStats } from "../../../../../proxy/admin/stat/stat-query.ts";
import { replyPrometheus, replyStats } from "../../../../../proxy/admin/stat/stat-reply.ts";
import { Histogram } from "../../../../../proxy/observe/histogram.ts";
import { parseExposition } from "../../observe/prometheus-exposition.ts";
import { openSource } from "../scripted-source.ts";

const snapshot = {
  counters: [
    { name: "a.counted", value: 1, isUsed: true },
    { name: "a.idle", value: 0, isUsed: false },
  ],
  gauges: [{ name: "b.gauge", value: 0, isUsed: true }],
  histograms: [
    { name: "c.time", interval: new Histogram(), cumulative: new Histogram(), isUsed: false },
  ],
};

/** Query → the names that are left. */
const queries: readonly (readonly [query: string, names: readonly string[]])[] = [
  ["", ["a.counted", "a.idle", "b.gauge", "c.time"]],
  ["usedonly", ["a.counted", "b.gauge"]],
  ["type=Counters", ["a.counted", "a.idle"]],
  ["type=Gauges", ["b.gauge"]],
  ["type=Histograms", ["c.time"]],
  ["type=TextReadouts", []],
  ["type=All&filter=", ["a.counted", "a.idle", "b.gauge", "c.time"]],
  ["filter=%5Ea%5C.", ["a.counted", "a.idle"]],
  ["filter=%5Ea%5C.&invert_filter", ["b.gauge", "c.time"]],
  ["filter=e&usedonly&type=Counters", ["a.counted"]],
  ["hidden=include&type=Gauges", ["b.gauge"]],
  ["hidden=exclude&type=Gauges", ["b.gauge"]],
  ["hidden=only", []],
];

const problems: readonly (readonly [query: string, message: string])[] = [
  ["format=html", "usage: /stats?format=(text|json|prometheus)\n\n"],
  ["type=foo", "invalid &type= param\n"],
  ["hidden=foo", "usage: /stats?hidden=(include|only|exclude)\n\n"],
  ["filter=(", "Invalid re2 regex: missing ): (\n"],
  [
    "histogram_buckets=prometheusnative",
    "usage: /stats?histogram_buckets=(summary|cumulative|disjoint|detailed)\n",
  ],
];

describe("statistics query", () => {
  for (const [query, names] of queries) {
    it(`pickStats: "${query}" leaves ${names.join(", ") || "nothing"}`, () => {
      const picked = pickStats(snapshot, parseStatQuery(new URLSearchParams(query)));
      const stats = [...picked.counters, ...picked.gauges, ...picked.histograms];
      assert.deepEqual(
        stats.map(({ name }) => name),
        names,
      );
    });
  }

  for (const [query, message] of problems) {
    it(`parseStatQuery: "${query}" is refused`, () => {
      const parse = () => parseStatQuery(new URLSearchParams(query));
      assert.throws(parse, { status: 400, message });
    });
  }

  it("replyStats: format=prometheus is the same as /stats/prometheus", async () => {
    const source = openSource({ stats: async () => snapshot });
    const ask = (query: string) => new URLSearchParams(query);
    const request = {
      method: "GET",
      path: "/stats",
      parameters: ask("format=prometheus&usedonly"),
    };
    const reply = await replyStats(request, source);
    assert.deepEqual(reply, await replyPrometheus({ parameters: ask("usedonly") }, source));
    assert.deepEqual(
      parseExposition(reply.body).map(({ name }) => name),
      ["envoy_a_counted", "envoy_b_gauge"],
    );
  });

  it("replyPrometheus: other forms of buckets are refused", async () => {
    const parameters = new URLSearchParams("histogram_buckets=detailed");
    await assert.rejects(replyPrometheus({ parameters }, openSource()), {
      status: 400,
      message: "unsupported prometheus histogram bucket mode\n",
    });
  });
});
