import type { Case } from "../case.ts";
import { CASES } from "../cases.ts";
import type { Placement } from "../process/placement.ts";
import { FIGURE_NAMES, FIGURES, type FigureName, formatFigure } from "./figures.ts";
import type { Report, ReportPeer } from "./report.ts";
import { ratioBetween, type Spread, spreadAt } from "./sample.ts";
import { judgeTargets, UNMEASURED_TARGETS, type Verdict } from "./targets.ts";

/** The proxies that every other is compared with, where they were measured. */
const REFERENCES = ["envoy", "nginx"] as const;

/** The report as Markdown, with the plot `plotName` beside it. */
export function renderMarkdown(report: Report, plotName: string): string {
  const ran = CASES.filter(({ name }) => report.samples.some((one) => one.caseName === name));
  const parts = [
    `# Bench of ${report.date.slice(0, 10)}`,
    renderSetting(report),
    `![CPU, latency and memory of every proxy](${plotName})`,
    renderTargets(report),
    ...ran.map((measured) => renderCase(report, measured)),
    renderProblems(report),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** Median, with the range behind it where rounds differ. */
function formatSpread(name: FigureName, spread: Spread | null): string {
  if (spread === null) return "–";
  const [median, low, high] = [spread.median, spread.minimum, spread.maximum].map((value) =>
    formatFigure(name, value),
  );
  return low === high ? median : `${median} (${low}–${high})`;
}

function renderSetting(report: Report): string {
  const { machine, placement, options } = report;
  const place =
    placement.proxy === null ? "The kernel places all processes." : describePlacement(placement);
  const lines = [
    `${machine.processor}, ${machine.coreCount} cores, ${machine.kernel}, Node ${machine.node}.`,
    `Proxies: ${report.peers.map(toNameAndVersion).join(", ")}; one worker each.`,
    `Load: ${report.load}. Backend: ${report.backend}. ${place}`,
    `${options.rounds} rounds of ${options.seconds} s in turn. Figures are medians with the range`,
    "(least–greatest); ratios are taken round by round. The machine may be busy with other things,",
    "so compare within this report only. Core used tells whether the proxy was the bottleneck.",
  ];
  for (const { name, remedy } of report.missing) lines.push(`Missing: ${name} (${remedy}).`);
  return lines.join("\n");
}

function describePlacement({ proxy, load, backend, backendInOpenLoop }: Placement): string {
  const cores = `Cores: proxy ${proxy}, load ${load}, backend ${backend}`;
  if (backend === backendInOpenLoop) return `${cores}.`;
  return `${cores} (${backendInOpenLoop} in the open loop, whose generator spins).`;
}

function renderTargets(report: Report): string {
  const verdicts = judgeTargets(report.samples);
  if (verdicts.length === 0) return "";
  return [
    "## Targets",
    "",
    "| work | figure | ours | against | theirs | ratio | target | |",
    "|---|---|--:|---|--:|--:|--:|---|",
    ...verdicts.map(renderVerdict),
    "",
    `Not measured yet: ${UNMEASURED_TARGETS.join("; ")}.`,
  ].join("\n");
}

function renderVerdict({ target, ours, theirs, ratio, outcome }: Verdict): string {
  const { place, reference } = target;
  const against = reference.peer === place.peer ? reference.caseName : reference.peer;
  const cells = [
    target.title,
    toHeading(place.figure),
    formatSpread(place.figure, ours),
    against,
    formatSpread(reference.figure, theirs),
    formatRatio(ratio),
    `≤ ${target.ratioMax}`,
    outcome === "no figure" ? outcome : `**${outcome}**`,
  ];
  return toRow(cells);
}

function renderCase(report: Report, measured: Case): string {
  const figures = FIGURE_NAMES.filter((figure) => hasFigure(report, measured, figure));
  const peers = report.peers.filter(({ name }) =>
    figures.some((figure) => spreadAt(report.samples, toPlace(measured, name, figure)) !== null),
  );
  if (peers.length === 0) return "";
  const references = REFERENCES.filter((name) => peers.some((peer) => peer.name === name));
  const compared = references.map((name) => `${FIGURES[measured.headline].title} ÷ ${name}`);
  const rows = peers.map(({ name }) => [
    name,
    ...figures.map((figure) =>
      formatSpread(figure, spreadAt(report.samples, toPlace(measured, name, figure))),
    ),
    ...references.map((reference) => {
      const place = toPlace(measured, name, measured.headline);
      return formatRatio(ratioBetween(report.samples, place, { ...place, peer: reference }));
    }),
  ]);
  return [
    `## ${measured.title}`,
    ...renderRate(report, measured),
    "",
    toRow(["proxy", ...figures.map(toHeading), ...compared]),
    `|---|${"--:|".repeat(figures.length + references.length)}`,
    ...rows.map(toRow),
  ].join("\n");
}

function renderRate({ ratePerSecond }: Report, { kind, connectionCount }: Case): string[] {
  if (kind !== "latency" || ratePerSecond === null) return [];
  const rate = formatFigure("requestsPerSecond", ratePerSecond);
  return ["", `${rate} requests/s on ${connectionCount} connections, counted from due times.`];
}

function renderProblems({ samples }: Report): string {
  const lines = samples
    .filter(({ problem }) => problem !== null)
    .map(({ caseName, peer, problem }) => `- ${peer}, ${caseName}: ${quote(problem ?? "")}`);
  return lines.length === 0 ? "" : ["## Failed", "", ...lines].join("\n");
}

/** On one line, and harmless in Markdown. */
function quote(text: string): string {
  return `\`${text.replaceAll("`", "'").replace(/\s+/g, " ").trim()}\``;
}

function hasFigure(report: Report, measured: Case, figure: FigureName): boolean {
  const values = report.samples
    .filter(({ caseName }) => caseName === measured.name)
    .map(({ figures }) => figures[figure]);
  // A column of failures is worth its room only when something failed.
  if (figure === "failedCount") return values.some((value) => (value ?? 0) > 0);
  return values.some((value) => value !== undefined);
}

function toPlace({ name }: Case, peer: ReportPeer["name"], figure: FigureName) {
  return { caseName: name, peer, figure };
}

function toHeading(name: FigureName): string {
  const { title, unit } = FIGURES[name];
  return unit === "" ? title : `${title}, ${unit}`;
}

function toNameAndVersion({ name, version }: ReportPeer): string {
  return `${name} ${version}`;
}

function formatRatio(ratio: Spread | null): string {
  if (ratio === null) return "–";
  const [median, low, high] = [ratio.median, ratio.minimum, ratio.maximum].map((value) =>
    value.toFixed(2),
  );
  return low === high ? median : `${median} (${low}–${high})`;
}

function toRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
