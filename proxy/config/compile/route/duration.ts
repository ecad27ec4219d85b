import type { Duration } from "@bufbuild/protobuf/wkt";

/** What fits the field of a record: 24 days. */
const MILLISECONDS_MAX = 0x7fff_ffff;

/** Whole milliseconds of a duration; what is shorter than one, but not 0, is one. */
export function toMilliseconds(duration: Duration | undefined): number | undefined {
  if (duration === undefined) return undefined;
  const exact = Number(duration.seconds) * 1000 + duration.nanos / 1e6;
  if (exact > 0 && exact < 1) return 1;
  return Math.min(Math.floor(exact), MILLISECONDS_MAX);
}
