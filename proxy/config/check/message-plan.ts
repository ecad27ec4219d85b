import type { DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";
import type { FieldRules } from "../../../api/gen/validate/validate_pb.js";
import type { FieldStatus } from "../fields/field-status.ts";
import { statusOf } from "../fields/field-table.ts";
import { hasNoRules, isRequiredOneof, rulesOf } from "../rules/read-rules.ts";

/** Everything to look at in messages of one type, found once for all messages. */
export interface MessagePlan {
  readonly fields: readonly { readonly field: DescField; readonly status: FieldStatus | null }[];
  readonly ruledFields: readonly { readonly field: DescField; readonly rules: FieldRules }[];
  readonly requiredOneofs: readonly DescOneof[];
}

const plans = new WeakMap<DescMessage, MessagePlan>();

/** The plan for a type of message. */
export function planOf(desc: DescMessage): MessagePlan {
  let plan = plans.get(desc);
  if (plan === undefined) {
    plan = buildPlan(desc);
    plans.set(desc, plan);
  }
  return plan;
}

function buildPlan(desc: DescMessage): MessagePlan {
  const isRuled = !hasNoRules(desc);
  const fields = desc.fields.map((field) => ({ field, status: statusOf(desc, field.name) }));
  const ruledFields = desc.fields.flatMap((field) => {
    const rules = isRuled ? rulesOf(field) : null;
    return rules === null ? [] : [{ field, rules }];
  });
  const requiredOneofs = isRuled ? desc.oneofs.filter(isRequiredOneof) : [];
  return { fields, ruledFields, requiredOneofs };
}
