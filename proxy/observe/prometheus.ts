import { Counter, Gauge, Histogram as PrometheusHistogram, Registry } from "prom-client";
import { BUCKET_BOUNDS } from "./histogram.ts";
import type { HistogramStat, NumberStat, StatSnapshot } from "./stat/stat-snapshot.ts";
import type { StatTag, TagExtractor } from "./stat/stat-tag.ts";

/** The media type of what `formatPrometheus` returns. */
export const PROMETHEUS_CONTENT_TYPE: string = Registry.PROMETHEUS_CONTENT_TYPE;

/**
 * Writes a snapshot in Prometheus' text format, with the names and labels that Envoy gives: each
 * name begins with `envoy_`, and what the extractor finds in it becomes labels.
 */
export async function formatPrometheus(
  snapshot: StatSnapshot,
  extractor: TagExtractor,
): Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const add = <Stat extends { name: string }>(
    stats: readonly Stat[],
    register: (family: Family<Stat>) => void,
  ) => {
    for (const family of toFamilies(stats, extractor)) {
      // Two kinds of one name would make the whole page unreadable. The first stays.
      if (registry.getSingleMetric(family.name) === undefined) register(family);
    }
  };
  add(snapshot.counters, (family) => new FixedCounter({ ...toOptions(family), registers }, family));
  add(snapshot.gauges, (family) => new FixedGauge({ ...toOptions(family), registers }, family));
  add(snapshot.histograms, (family) => {
    return new FixedHistogram({ ...toOptions(family), registers }, family);
  });
  return registry.metrics();
}

type Labels = Readonly<Record<string, string>>;

/** All statistics that differ only in their tags. */
interface Family<Stat> {
  readonly name: string;
  /** The name with dots, without tags: what the help line shows. */
  readonly source: string;
  readonly members: readonly { readonly stat: Stat; readonly labels: Labels }[];
}

function toFamilies<Stat extends { name: string }>(
  stats: readonly Stat[],
  extractor: TagExtractor,
): Family<Stat>[] {
  const families = new Map<string, Family<Stat> & { members: { stat: Stat; labels: Labels }[] }>();
  for (const stat of stats) {
    const { name: source, tags } = extractor.extract(stat.name);
    const name = `envoy_${sanitize(source)}`;
    let family = families.get(name);
    if (family === undefined) {
      family = { name, source, members: [] };
      families.set(name, family);
    }
    family.members.push({ stat, labels: toLabels(tags) });
  }
  return [...families.values()]
    .map((family) => ({ ...family, members: dropRepeated(family.members) }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** Names that differ only in dots and underscores can end up the same. The first stays. */
function dropRepeated<Member extends { labels: Labels }>(members: readonly Member[]): Member[] {
  if (members.length === 1) return [...members];
  const seen = new Set<string>();
  return members.filter(({ labels }) => {
    const key = JSON.stringify(labels);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function toLabels(tags: readonly StatTag[]): Labels {
  return Object.fromEntries(tags.map(({ name, value }) => [toLabelName(name), value]));
}

function toLabelName(tag: string): string {
  const name = sanitize(tag);
  return /^[0-9]/.test(name) ? `_${name}` : name;
}

function sanitize(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_]/g, "_");
}

function toOptions({ name, source }: { name: string; source: string }) {
  return { name, help: `Statistic ${source}.` };
}

/**
 * prom-client's metrics count for themselves. These have their values from a snapshot instead, and
 * leave names, labels and the text to prom-client.
 */
class FixedCounter extends Counter {
  readonly #family: Family<NumberStat>;

  constructor(options: ConstructorParameters<typeof Counter>[0], family: Family<NumberStat>) {
    super(options);
    this.#family = family;
  }

  override async get(): ReturnType<Counter["get"]> {
    return { ...(await super.get()), values: toValues(this.#family) };
  }
}

class FixedGauge extends Gauge {
  readonly #family: Family<NumberStat>;

  constructor(options: ConstructorParameters<typeof Gauge>[0], family: Family<NumberStat>) {
    super(options);
    this.#family = family;
  }

  override async get(): ReturnType<Gauge["get"]> {
    return { ...(await super.get()), values: toValues(this.#family) };
  }
}

class FixedHistogram extends PrometheusHistogram {
  readonly #family: Family<HistogramStat>;

  constructor(
    options: ConstructorParameters<typeof PrometheusHistogram>[0],
    family: Family<HistogramStat>,
  ) {
    super(options);
    this.#family = family;
  }

  /** What prom-client asks of a histogram instead of `get` when it writes text. */
  async getForPromString() {
    const { name, source } = this.#family;
    const values = toBuckets(this.#family);
    return { ...toOptions({ name, source }), type: "histogram", values };
  }
}

function toValues({ members }: Family<NumberStat>) {
  return members.map(({ stat, labels }) => ({ value: stat.value, labels }));
}

function toBuckets({ name, members }: Family<HistogramStat>) {
  return members.flatMap(({ stat, labels }) => {
    const { cumulative } = stat;
    const counts = cumulative.cumulativeCounts();
    const buckets = BUCKET_BOUNDS.map((bound, at) => ({ bound: `${bound}`, value: counts[at] }));
    buckets.push({ bound: "+Inf", value: cumulative.count });
    return [
      ...buckets.map(({ bound, value }) => {
        return { metricName: `${name}_bucket`, labels: { ...labels, le: bound }, value };
      }),
      { metricName: `${name}_sum`, labels, value: cumulative.sum },
      { metricName: `${name}_count`, labels, value: cumulative.count },
    ];
  });
}
