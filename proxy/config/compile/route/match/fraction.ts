import type { RuntimeFractionalPercent } from "../../../../../api/gen/envoy/config/core/v3/base_pb.js";
import { FractionalPercent_DenominatorType as Denominator } from "../../../../../api/gen/envoy/type/v3/percent_pb.js";
import type { ImageWriter } from "../../../image/image-writer.ts";
import type { Fraction, RouteSetting } from "../route-setting.ts";

const DENOMINATORS = {
  [Denominator.HUNDRED]: 100,
  [Denominator.TEN_THOUSAND]: 10_000,
  [Denominator.MILLION]: 1_000_000,
};

/** Writes numerator and denominator at `field`; what the runtime says of the key goes first. */
export function writeFraction(
  writer: ImageWriter,
  field: number,
  fraction: RuntimeFractionalPercent,
  context: RouteSetting,
): void {
  const { numerator, denominator } = resolve(fraction, context);
  writer.setUint32(field, numerator);
  writer.setUint32(field + 4, denominator);
}

function resolve(fraction: RuntimeFractionalPercent, context: RouteSetting): Fraction {
  const { runtimeKey, defaultValue } = fraction;
  const override = runtimeKey === "" ? undefined : context.runtimeFraction(runtimeKey);
  if (override !== undefined) return override;
  const denominator = DENOMINATORS[defaultValue?.denominator ?? Denominator.HUNDRED];
  return { numerator: defaultValue?.numerator ?? 0, denominator };
}
