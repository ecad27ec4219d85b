/** How a figure is called and written. */
export interface FigureFacts {
  readonly title: string;
  readonly unit: string;
  /** What one of the unit is in the figure's own measure. */
  readonly scale: number;
  readonly digits: number;
}

/** Everything that is measured; each case has some of it. */
export const FIGURES = {
  cpuPerRequestUs: { title: "CPU per request", unit: "µs", scale: 1, digits: 1 },
  cpuPerMessageUs: { title: "CPU per message", unit: "µs", scale: 1, digits: 1 },
  cpuPerHandshakeUs: { title: "CPU per handshake", unit: "µs", scale: 1, digits: 0 },
  cpuPerConnectionUs: { title: "CPU per connection", unit: "µs", scale: 1, digits: 1 },
  requestsPerSecond: { title: "Requests/s", unit: "", scale: 1, digits: 0 },
  messagesPerSecond: { title: "Messages/s", unit: "", scale: 1, digits: 0 },
  handshakesPerSecond: { title: "Handshakes/s", unit: "", scale: 1, digits: 0 },
  connectionsPerSecond: { title: "Connections/s", unit: "", scale: 1, digits: 0 },
  busyRatio: { title: "Core used", unit: "%", scale: 0.01, digits: 0 },
  cpuPerGbSeconds: { title: "CPU per GB", unit: "s", scale: 1, digits: 2 },
  p50Us: { title: "p50", unit: "ms", scale: 1000, digits: 2 },
  p99Us: { title: "p99", unit: "ms", scale: 1000, digits: 2 },
  p999Us: { title: "p99.9", unit: "ms", scale: 1000, digits: 2 },
  maximumUs: { title: "Greatest", unit: "ms", scale: 1000, digits: 2 },
  lateP99Us: { title: "Generator late, p99", unit: "ms", scale: 1000, digits: 2 },
  restBytes: { title: "At rest", unit: "MB", scale: 1e6, digits: 1 },
  loadBytes: { title: "Under load", unit: "MB", scale: 1e6, digits: 1 },
  idleConnectionBytes: { title: "Per idle connection", unit: "KB", scale: 1e3, digits: 1 },
  failedCount: { title: "Failed", unit: "", scale: 1, digits: 0 },
} as const satisfies Record<string, FigureFacts>;

/** The name of a figure; its unit is the last word. */
export type FigureName = keyof typeof FIGURES;

/** What one run of one proxy gave. */
export type Figures = Partial<Record<FigureName, number>>;

/** Every name, in the order of the report. */
export const FIGURE_NAMES: readonly FigureName[] = [
  "cpuPerRequestUs",
  "cpuPerMessageUs",
  "cpuPerHandshakeUs",
  "cpuPerConnectionUs",
  "cpuPerGbSeconds",
  "requestsPerSecond",
  "messagesPerSecond",
  "handshakesPerSecond",
  "connectionsPerSecond",
  "busyRatio",
  "p50Us",
  "p99Us",
  "p999Us",
  "maximumUs",
  "lateP99Us",
  "restBytes",
  "loadBytes",
  "idleConnectionBytes",
  "failedCount",
];

/** What a load is counted in, and the figures that say what one costs and how many there were. */
export const COUNTED_FIGURES = {
  request: { cost: "cpuPerRequestUs", rate: "requestsPerSecond" },
  message: { cost: "cpuPerMessageUs", rate: "messagesPerSecond" },
  handshake: { cost: "cpuPerHandshakeUs", rate: "handshakesPerSecond" },
  connection: { cost: "cpuPerConnectionUs", rate: "connectionsPerSecond" },
} as const satisfies Record<string, { cost: FigureName; rate: FigureName }>;

/** One of them. */
export type CountedUnit = keyof typeof COUNTED_FIGURES;

/** A value as the report writes it, without the unit. */
export function formatFigure(name: FigureName, value: number): string {
  const { scale, digits } = FIGURES[name];
  const parts = (value / scale).toFixed(digits).split(".");
  parts[0] = parts[0].replace(/\B(?=(\d{3})+$)/g, ",");
  return parts.join(".");
}
