import type { EventEmitter } from "node:events";

/** What a signal ends: the proxy, or the proxy and the sample services before it. */
export interface Stoppable {
  /** Takes no new work and resolves when the old is done, or its time is over. */
  drain(): Promise<void>;
  /** Ends at once. */
  stop(): Promise<void>;
  /** Resolves when the admin interface asks for the end, which is then at once. */
  readonly quitRequested?: Promise<void>;
}

/** What `runUntilSignal` reports. */
export interface ShutdownOptions {
  /** Where signals come from. Default: this process. */
  readonly signals?: EventEmitter;
  /** Default `performance.now`. */
  readonly nowMs?: () => number;
  /** Called when the drain starts and, on a second SIGINT, when it is cut short. */
  readonly onStep?: (step: "drain" | "stop", signal: string) => void;
}

/**
 * How long a SIGINT is taken for the echo of the one before it. A shell sends Ctrl-C to every
 * process of the terminal, and npm, one of them, passes its own on to us.
 */
const ECHO_MS = 400;

/**
 * Resolves after SIGTERM or SIGINT has ended `running`: it drains, then stops. A second SIGINT
 * stops it at once.
 */
export async function runUntilSignal(
  running: Stoppable,
  options: ShutdownOptions = {},
): Promise<void> {
  const { signals = process, nowMs = () => performance.now(), onStep = () => {} } = options;
  const { promise: asked, resolve: ask } = Promise.withResolvers<string>();
  const { promise: hurried, resolve: hurry } = Promise.withResolvers<void>();
  let firstMs: number | null = null;
  const onSignal = (signal: string): void => {
    if (firstMs === null) {
      firstMs = nowMs();
      ask(signal);
    } else if (signal === "SIGINT" && nowMs() - firstMs >= ECHO_MS) {
      hurry();
      onStep("stop", signal);
    }
  };
  signals.on("SIGTERM", onSignal);
  signals.on("SIGINT", onSignal);
  try {
    const quit = running.quitRequested?.then(() => null) ?? asked;
    const signal = await Promise.race([asked, quit]);
    if (signal !== null) {
      onStep("drain", signal);
      await Promise.race([running.drain(), hurried]);
    }
    await running.stop();
  } finally {
    signals.off("SIGTERM", onSignal);
    signals.off("SIGINT", onSignal);
  }
}
