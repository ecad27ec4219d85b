/* Shares of requests. */

/** Denominator behind a numerator. */
const DENOMINATOR: usize = 4;

/**
 * True when a request with that random number is within the share. The denominator 0 is all
 * requests. Envoy `ProtobufPercentHelper::evaluateFractionalPercent`.
 *
 * @param fraction Address of numerator and denominator.
 */
export function isWithin(fraction: usize, random: u64): bool {
  const denominator = load<u32>(fraction, DENOMINATOR);
  return denominator == 0 || random % <u64>denominator < <u64>load<u32>(fraction);
}
