import assert from "node:assert/strict";
import { Histogram } from "../../../../proxy/observe/histogram.ts";
import { formatPrometheus } from "../../../../proxy/observe/prometheus.ts";
import type { NumberStat, StatSnapshot } from "../../../../proxy/observe/stat/stat-snapshot.ts";
import { TagExtractor } from "../../../../proxy/observe/stat/stat-tag.ts";
import { parseExposition } from "./prometheus-exposition.ts";

const extractor = new TagExtractor(undefined, () => () => null);

function numbers(values: Readonly<Record<string, number>>): NumberStat[] {
  return Object.entries(values).map(([name, value]) => ({ name, value, isUsed: true }));
}

async function format(part: Partial<StatSnapshot>) {
  const snapshot = { counters: [], gauges: [], histograms: [], ...part };
  return parseExposition(await formatPrometheus(snapshot, extractor));
}

describe("formatPrometheus", () => {
  it("formatPrometheus: a counter has Envoy's name and labels", async () => {
    const families = await format({ counters: numbers({ "cluster.b.upstream_rq_2xx": 5 }) });
    assert.deepEqual(families, [
      {
        name: "envoy_cluster_upstream_rq_xx",
        type: "counter",
        samples: [
          {
            name: "envoy_cluster_upstream_rq_xx",
            labels: { envoy_response_code_class: "2", envoy_cluster_name: "b" },
            value: 5,
          },
        ],
      },
    ]);
  });

  it("formatPrometheus: statistics that differ in their tags are one family", async () => {
    const counters = numbers({
      "cluster.a.upstream_rq_200": 1,
      "cluster.a.upstream_rq_503": 2,
      "cluster.b.upstream_rq_200": 3,
    });
    const [family, ...others] = await format({ counters });
    assert.equal(others.length, 0);
    assert.equal(family.name, "envoy_cluster_upstream_rq");
    assert.deepEqual(
      family.samples.map(({ labels, value }) => [labels.envoy_response_code, value]),
      [
        ["200", 1],
        ["503", 2],
        ["200", 3],
      ],
    );
  });

  it("formatPrometheus: a gauge without tags has no labels", async () => {
    const [family] = await format({ gauges: numbers({ "server.memory_allocated": 6_196_040 }) });
    assert.deepEqual(family, {
      name: "envoy_server_memory_allocated",
      type: "gauge",
      samples: [{ name: "envoy_server_memory_allocated", labels: {}, value: 6_196_040 }],
    });
  });

  it("formatPrometheus: a histogram has Envoy's buckets, a sum and a count", async () => {
    const cumulative = new Histogram();
    for (const value of [0, 1, 1, 7, 4_000_000]) cumulative.record(value);
    const name = "cluster.b.upstream_rq_time";
    const histograms = [{ name, cumulative, interval: new Histogram(), isUsed: true }];
    const [family] = await format({ histograms });
    assert.equal(family.type, "histogram");
    const buckets = family.samples.filter((sample) => sample.name.endsWith("_bucket"));
    assert.deepEqual(
      buckets.map(({ labels, value }) => [labels.le, value]),
      [
        ["0.5", 1],
        ["1", 3],
        ["5", 3],
        ...["10", "25", "50", "100", "250", "500", "1000", "2500", "5000", "10000"].map((le) => [
          le,
          4,
        ]),
        ...["30000", "60000", "300000", "600000", "1800000", "3600000"].map((le) => [le, 4]),
        ["+Inf", 5],
      ],
    );
    assert.deepEqual(family.samples.slice(buckets.length), [
      {
        name: "envoy_cluster_upstream_rq_time_sum",
        labels: { envoy_cluster_name: "b" },
        value: 4_000_009,
      },
      {
        name: "envoy_cluster_upstream_rq_time_count",
        labels: { envoy_cluster_name: "b" },
        value: 5,
      },
    ]);
  });

  it("formatPrometheus: quotes, backslashes and newlines in a value are escaped", async () => {
    const [family] = await format({ counters: numbers({ 'cluster.a"b\\c\nd.bind_errors': 1 }) });
    assert.equal(family.samples[0].labels.envoy_cluster_name, 'a"b\\c\nd');
  });

  it("formatPrometheus: of two statistics that end up the same the first stays", async () => {
    const counters = numbers({ "a.b": 1, a_b: 2 });
    const families = await format({ counters, gauges: numbers({ "a.b": 3 }) });
    assert.deepEqual(
      families.map(({ type, samples }) => [type, samples.map(({ value }) => value)]),
      [["counter", [1]]],
    );
  });

  it("formatPrometheus: families come by kind, then by name", async () => {
    const families = await format({
      counters: numbers({ b: 1, a: 1 }),
      gauges: numbers({ aa: 1 }),
    });
    assert.deepEqual(
      families.map(({ name }) => name),
      ["envoy_a", "envoy_b", "envoy_aa"],
    );
  });
});
