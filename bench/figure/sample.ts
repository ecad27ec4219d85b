import type { PeerName } from "../peer/peer.ts";
import type { FigureName, Figures } from "./figures.ts";

/** One case on one proxy in one round. */
export interface Sample {
  readonly caseName: string;
  readonly peer: PeerName;
  /** Counted from 1. */
  readonly round: number;
  readonly figures: Figures;
  /** Why there are no figures; `null` when there are. */
  readonly problem: string | null;
}

/** The middle of several rounds, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Which figure of which case on which proxy. */
export interface Place {
  readonly caseName: string;
  readonly peer: PeerName;
  readonly figure: FigureName;
}

/** Median and range; `null` for no values. */
export function toSpread(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((left, right) => left - right);
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)];
  const lower = sorted[Math.ceil(half) - 1];
  return { median: (lower + upper) / 2, minimum: sorted[0], maximum: sorted[sorted.length - 1] };
}

/** A figure over all rounds; `null` where it was not measured. */
export function spreadAt(samples: readonly Sample[], place: Place): Spread | null {
  return toSpread([...valuesByRound(samples, place).values()]);
}

/**
 * How many times the figure at `place` is of that at `reference`. Divided round by round, so that
 * a machine that grows slower from one round to the next does not show.
 */
export function ratioBetween(
  samples: readonly Sample[],
  place: Place,
  reference: Place,
): Spread | null {
  const references = valuesByRound(samples, reference);
  const ratios: number[] = [];
  for (const [round, value] of valuesByRound(samples, place)) {
    const base = references.get(round);
    if (base !== undefined && base > 0) ratios.push(value / base);
  }
  return toSpread(ratios);
}

function valuesByRound(samples: readonly Sample[], place: Place): Map<number, number> {
  const values = new Map<number, number>();
  for (const { caseName, peer, round, figures } of samples) {
    const value = figures[place.figure];
    if (caseName !== place.caseName || peer !== place.peer || value === undefined) continue;
    values.set(round, value);
  }
  return values;
}
