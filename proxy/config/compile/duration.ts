import type { Duration } from "@bufbuild/protobuf/wkt";

/** A duration in whole milliseconds, rounded up, or `fallback` when it is not set. */
export function toMs(duration: Duration | undefined, fallback: number): number {
  if (duration === undefined) return fallback;
  return Number(duration.seconds) * 1000 + Math.ceil(duration.nanos / 1e6);
}
