/** A number for each name: counters and gauges, and for a histogram how many values it has. */
export type Report = ReadonlyMap<string, number>;

/** Reads what an admin interface at `origin` says of its statistics. */
export async function readReport(origin: string): Promise<Report> {
  const report = new Map<string, number>();
  const numbers = await read(`${origin}/stats?type=All`);
  for (const [, name, value] of numbers.matchAll(/^(\S+): (\d+)$/gm)) {
    report.set(name, Number(value));
  }
  const histograms = await read(`${origin}/stats?type=Histograms&histogram_buckets=cumulative`);
  for (const [, name, values] of histograms.matchAll(/^(\S+): (.+)$/gm)) {
    const last = /,(\d+)\)$/.exec(values);
    report.set(name, last === null ? 0 : Number(last[1]));
  }
  return report;
}

async function read(url: string): Promise<string> {
  return (await fetch(url)).text();
}
