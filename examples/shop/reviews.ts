import { setTimeout as wait } from "node:timers/promises";
import { type Answer, notFound } from "./answer.ts";

const REVIEWS: Readonly<Record<string, readonly { stars: number; text: string }[]>> = {
  lantern: [
    { stars: 5, text: "Burned through two storms." },
    { stars: 4, text: "Bright. A little heavy." },
  ],
  rope: [{ stars: 5, text: "Holds." }],
  kettle: [{ stars: 3, text: "Whistles off key." }],
};

/** The longest that `/v1/slow` can be asked to wait. */
const SLOW_MS_MAX = 60_000;

/**
 * `reviews` tells what customers say: `GET /v1/reviews/ID`, with the path that it was asked for,
 * so that a rewrite can be seen. `GET /v1/slow?ms=N` answers after N milliseconds.
 */
export async function answerReviews(url: URL, signal: AbortSignal): Promise<Answer> {
  if (url.pathname === "/v1/slow") {
    const askedMs = Number(url.searchParams.get("ms") ?? 0);
    const waitMs = Math.min(Math.max(askedMs || 0, 0), SLOW_MS_MAX);
    await wait(waitMs, undefined, { signal });
    return { body: { service: "reviews", waitedMs: waitMs } };
  }
  const id = /^\/v1\/reviews\/([a-z]+)$/.exec(url.pathname)?.[1];
  if (id === undefined || !Object.hasOwn(REVIEWS, id)) return notFound(url.pathname);
  return { body: { service: "reviews", path: url.pathname, reviews: REVIEWS[id] } };
}
