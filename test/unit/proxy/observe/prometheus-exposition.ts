import assert from "node:assert/strict";

/** One line of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All lines below one `# TYPE`. */
export interface ExpositionFamily {
  readonly name: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

/**
 * Parses Prometheus' text format 0.0.4 and refuses what a server would: a line that is no sample, a
 * sample outside its family, a family or a sample that comes twice, a type that is none.
 */
export function parseExposition(text: string): ExpositionFamily[] {
  assert.ok(text.endsWith("\n"), "the last line must end in a newline");
  const families: { name: string; type: string; samples: Sample[] }[] = [];
  const seen = new Set<string>();
  for (const line of text.slice(0, -1).split("\n")) {
    if (line === "" || line.startsWith("# HELP ")) continue;
    const type = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$/.exec(line);
    if (type !== null) {
      assert.ok(!families.some(({ name }) => name === type[1]), `${type[1]} comes twice`);
      families.push({ name: type[1], type: type[2], samples: [] });
      continue;
    }
    const sample = parseSample(line);
    const family = families.at(-1);
    assert.ok(family, `${line} comes before any # TYPE`);
    const suffix = family.type === "histogram" ? "_(bucket|sum|count)" : "";
    assert.match(sample.name, new RegExp(`^${family.name}${suffix}$`));
    const key = line.slice(0, line.lastIndexOf(" "));
    assert.ok(!seen.has(key), `${key} comes twice`);
    seen.add(key);
    family.samples.push(sample);
  }
  return families;
}

function parseSample(line: string): Sample {
  const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
  assert.ok(match, `${JSON.stringify(line)} is no sample`);
  const value = Number(match[3]);
  assert.ok(!Number.isNaN(value), `${match[3]} is no number`);
  return { name: match[1], labels: parseLabels(match[2] ?? ""), value };
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== "") {
    const match = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/.exec(rest);
    assert.ok(match, `${JSON.stringify(rest)} is no label`);
    assert.ok(!(match[1] in labels), `label ${match[1]} comes twice`);
    labels[match[1]] = match[2].replaceAll(/\\(.)/g, (_, escaped) => {
      return escaped === "n" ? "\n" : escaped;
    });
    rest = rest.slice(match[0].length);
  }
  return labels;
}
