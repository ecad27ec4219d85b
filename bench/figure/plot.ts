// The plot: one panel for each figure of interest, one bar for each proxy. A whisker spans the
// rounds; a dashed line is where a target asks our bar to end. A bar that would dwarf all others is
// cut, and says so by a gap. It is plain SVG, and follows the reader's light or dark setting.
import { CASES } from "../cases.ts";
import type { PeerName } from "../peer/peer.ts";
import { FIGURES, type FigureName, formatFigure } from "./figures.ts";
import type { Report } from "./report.ts";
import { type Sample, type Spread, spreadAt } from "./sample.ts";
import { TARGETS } from "./targets.ts";

/** One small bar chart. */
interface Panel {
  readonly title: string;
  readonly caseName: string;
  readonly figure: FigureName;
}

interface Bar {
  readonly peer: string;
  readonly spread: Spread;
}

const COLUMN_COUNT = 3;
const PANEL_WIDTH = 320;
const GAP = 28;
const ROW_HEIGHT = 20;
const HEAD_HEIGHT = 45;
const NAME_WIDTH = 78;
const VALUE_WIDTH = 62;
const BAR_WIDTH = PANEL_WIDTH - NAME_WIDTH - VALUE_WIDTH;
const TOP = 66;

/** A bar this much longer than the next is cut, to this much of the next. */
const OUTLIER_RATIO = 2.5;
const CUT_RATIO = 1.4;

const OURS: PeerName = "causeway";

const STYLE = `text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.page { fill: #ffffff; }
.title { font-weight: 600; font-size: 16px; }
.panel { font-weight: 600; }
.quiet { fill: #59636e; }
.ours { font-weight: 600; }
.bar { fill: #b3bdc9; }
.bar.ours { fill: #0b7285; }
.whisker { stroke: #1f2328; stroke-width: 1.5; fill: none; }
.cut { stroke: #ffffff; stroke-width: 3; fill: none; }
.target { stroke: #c92a2a; stroke-width: 1.5; stroke-dasharray: 3 2; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .page { fill: #0d1117; }
  .quiet { fill: #9198a1; }
  .bar { fill: #4a5563; }
  .bar.ours { fill: #3bc9db; }
  .whisker { stroke: #e6edf3; }
  .cut { stroke: #0d1117; }
  .target { stroke: #ff8787; }
}`;

/** The report as one SVG picture. */
export function renderPlot(report: Report): string {
  const panels = listPanels(report);
  const rowHeight = HEAD_HEIGHT + report.peers.length * ROW_HEIGHT + GAP;
  const width = GAP + COLUMN_COUNT * (PANEL_WIDTH + GAP);
  const height = TOP + Math.ceil(panels.length / COLUMN_COUNT) * rowHeight;
  const placed = panels.map((panel, index) => {
    const x = GAP + (index % COLUMN_COUNT) * (PANEL_WIDTH + GAP);
    const y = TOP + Math.floor(index / COLUMN_COUNT) * rowHeight;
    return `<g transform="translate(${x} ${y})">\n${renderPanel(report, panel)}\n</g>`;
  });
  const { machine, date, options } = report;
  const setting =
    `${date.slice(0, 10)} · ${machine.processor}, ${machine.coreCount} cores · ` +
    `median of ${options.rounds}, whisker: least to greatest, dashed: target of ours`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" \
width="${width}" height="${height}" role="img" aria-label="Bench of every proxy">
<style>${STYLE}</style>
<rect class="page" width="100%" height="100%"/>
<text class="title" x="${GAP}" y="28">One worker each, shorter is better</text>
<text class="quiet" x="${GAP}" y="47">${escapeXml(setting)}</text>
${placed.join("\n")}
</svg>
`;
}

function listPanels({ samples }: Report): Panel[] {
  const all = CASES.flatMap(({ name, title, headline, kind }): Panel[] => {
    const first = { title, caseName: name, figure: headline };
    if (kind !== "memory" || headline !== "restBytes") return [first];
    return [
      { ...first, title: "Memory at rest" },
      { title: "Memory under load", caseName: "router", figure: "loadBytes" },
      { title: "Memory per idle connection", caseName: name, figure: "idleConnectionBytes" },
    ];
  });
  return all.filter(({ caseName, figure }) =>
    samples.some((one) => one.caseName === caseName && one.figures[figure] !== undefined),
  );
}

function renderPanel({ samples, peers }: Report, { title, caseName, figure }: Panel): string {
  const bars = peers.flatMap(({ name }): Bar[] => {
    const spread = spreadAt(samples, { caseName, peer: name, figure });
    return spread === null ? [] : [{ peer: name, spread }];
  });
  const hasOurs = bars.some(({ peer }) => peer === OURS);
  const limit = hasOurs ? findLimit(samples, caseName, figure) : null;
  const greatest = chooseGreatest(bars, limit ?? 0);
  const { title: figureTitle, unit } = FIGURES[figure];
  const heading = title.startsWith("Memory") ? unit : `${figureTitle}, ${unit}`;
  const head = `<text class="panel" y="12">${escapeXml(title)}</text>\
<text class="quiet" y="28">${escapeXml(heading)}</text>`;
  const toX = (value: number) => {
    const share = Math.min(Math.max(0, value) / greatest, 1);
    return round(NAME_WIDTH + share * BAR_WIDTH);
  };
  const limitX = limit === null ? null : toX(limit);
  const rows = bars.map((bar, index) =>
    renderBar(bar, { toX, figure, y: HEAD_HEIGHT - 8 + index * ROW_HEIGHT, greatest, limitX }),
  );
  return [head, ...rows, ...renderLimit(limitX)].join("\n");
}

/** What the longest bar stands for: the greatest value, or less when that is far beyond others. */
function chooseGreatest(bars: readonly Bar[], limit: number): number {
  const values = bars.map(({ spread }) => spread.maximum).toSorted((left, right) => right - left);
  const [first, second = first] = values;
  return Math.max(first > OUTLIER_RATIO * second ? CUT_RATIO * second : first, limit, 1e-9);
}

/** Where a bar is drawn, and how. */
interface BarPlace {
  readonly toX: (value: number) => number;
  readonly figure: FigureName;
  readonly y: number;
  readonly greatest: number;
  readonly limitX: number | null;
}

function renderBar({ peer, spread }: Bar, place: BarPlace): string {
  const { toX, figure, y, greatest, limitX } = place;
  const middle = y + 7;
  const ours = peer === OURS ? " ours" : "";
  const end = toX(spread.median);
  const [low, high] = [toX(spread.minimum), toX(spread.maximum)];
  const whisker = `M${low} ${middle}H${high}M${low} ${middle - 3}v6M${high} ${middle - 3}v6`;
  const isCut = spread.median > greatest;
  // Our value stands behind the line of the target where the two would meet.
  const isMet = peer === OURS && limitX !== null && limitX >= end && limitX < high + VALUE_WIDTH;
  const valueX = Math.max(end, high, isMet ? limitX : 0) + 6;
  const baseline = y + 11;
  return [
    `<text class="name${ours}" x="${NAME_WIDTH - 8}" y="${baseline}" text-anchor="end">`,
    `${peer}</text>`,
    `<rect class="bar${ours}" x="${NAME_WIDTH}" y="${y}"`,
    ` width="${round(end - NAME_WIDTH)}" height="14"/>`,
    isCut ? `<path class="cut" d="M${end - 22} ${y + 16}l6 -18"/>` : "",
    high - low < 1 ? "" : `<path class="whisker" d="${whisker}"/>`,
    `<text class="value${ours}" x="${valueX}" y="${baseline}">`,
    `${formatFigure(figure, spread.median)}</text>`,
  ].join("");
}

/** The strictest target for our bar, in the figure's own measure; `null` where there is none. */
function findLimit(
  samples: readonly Sample[],
  caseName: string,
  figure: FigureName,
): number | null {
  const limits = TARGETS.flatMap(({ place, reference, ratioMax }) => {
    if (place.caseName !== caseName || place.figure !== figure) return [];
    const theirs = spreadAt(samples, reference);
    return theirs === null ? [] : [theirs.median * ratioMax];
  });
  return limits.length === 0 ? null : Math.min(...limits);
}

/** Beside our bar, which is the first. */
function renderLimit(limitX: number | null): string[] {
  return limitX === null ? [] : [`<path class="target" d="M${limitX} ${HEAD_HEIGHT - 12}v22"/>`];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
