import type { CidrRange } from "../../../../api/gen/envoy/config/core/v3/address_pb.js";
import {
  type Permission,
  type Principal,
  type RBAC as Rules,
  RBAC_Action as Action,
} from "../../../../api/gen/envoy/config/rbac/v3/rbac_pb.js";
import {
  type RBAC,
  RBAC_EnforcementType as EnforcementType,
} from "../../../../api/gen/envoy/extensions/filters/network/rbac/v3/rbac_pb.js";
import type { StringMatcher } from "../../../../api/gen/envoy/type/matcher/v3/string_pb.js";
import type { FieldPath } from "../../field-path.ts";
import type {
  RbacCondition,
  RbacModel,
  RbacRulesModel,
  TextMatchModel,
} from "../../network-filter-model.ts";
import { LinearRegex } from "../../regex/linear-regex.ts";
import { toMs } from "../duration.ts";
import { refuse } from "../route/route-setting.ts";

/** What workers need of a network filter for access control. */
export function toRbac(rbac: RBAC, path: FieldPath): RbacModel {
  const { rules, shadowRules, statPrefix, shadowRulesStatPrefix } = rbac;
  return {
    kind: "rbac",
    statScope: `${statPrefix}rbac`,
    shadowStatScope: `${statPrefix}rbac.${shadowRulesStatPrefix}`,
    rules: toRules(rules, path.field("rules")),
    shadowRules: toRules(shadowRules, path.field("shadow_rules")),
    isContinuous: rbac.enforcementType === EnforcementType.CONTINUOUS,
    delayMs: toMs(rbac.delayDeny, 0),
  };
}

const ACTIONS = { [Action.ALLOW]: "allow", [Action.DENY]: "deny", [Action.LOG]: "log" } as const;

function toRules(rules: Rules | undefined, path: FieldPath): RbacRulesModel | null {
  if (rules === undefined) return null;
  // Envoy keeps policies in the order of their names' bytes, and tells of the first that matches.
  const named = Object.entries(rules.policies).sort(([one], [other]) =>
    Buffer.compare(Buffer.from(one), Buffer.from(other)),
  );
  return {
    action: ACTIONS[rules.action],
    policies: named.map(([name, { permissions, principals }]) => {
      const at = path.field("policies").key(name);
      return {
        name,
        permissions: permissions.map((each, index) =>
          toPermission(each, at.field("permissions").item(index)),
        ),
        principals: principals.map((each, index) =>
          toPrincipal(each, at.field("principals").item(index)),
        ),
      };
    }),
  };
}

function toPermission({ rule }: Permission, path: FieldPath): RbacCondition {
  switch (rule.case) {
    case "any":
      return { kind: "any" };
    case "andRules":
    case "orRules": {
      const isAnd = rule.case === "andRules";
      const at = path.field(isAnd ? "and_rules" : "or_rules").field("rules");
      const conditions = rule.value.rules.map((each, index) => toPermission(each, at.item(index)));
      return { kind: isAnd ? "all-of" : "one-of", conditions };
    }
    case "notRule":
      return { kind: "not", condition: toPermission(rule.value, path.field("not_rule")) };
    case "destinationIp":
      return { kind: "local-ip", ...toRange(rule.value) };
    case "destinationPort":
      return { kind: "local-port", start: rule.value, end: rule.value + 1 };
    case "destinationPortRange": {
      const { start, end } = rule.value;
      if (start >= end) {
        const at = path.field("destination_port_range");
        const order = "cannot be greater or equal than range end";
        return refuse(at, `range start ${start} ${order} ${end}`);
      }
      return { kind: "local-port", start, end };
    }
    case "requestedServerName": {
      const text = toText(rule.value, path.field("requested_server_name"));
      return { kind: "server-name", text };
    }
    default:
      return refuse(path, "has no kind of permission that is implemented");
  }
}

function toPrincipal({ identifier }: Principal, path: FieldPath): RbacCondition {
  switch (identifier.case) {
    case "any":
      return { kind: "any" };
    case "andIds":
    case "orIds": {
      const isAnd = identifier.case === "andIds";
      const at = path.field(isAnd ? "and_ids" : "or_ids").field("ids");
      const conditions = identifier.value.ids.map((each, index) =>
        toPrincipal(each, at.item(index)),
      );
      return { kind: isAnd ? "all-of" : "one-of", conditions };
    }
    case "notId":
      return { kind: "not", condition: toPrincipal(identifier.value, path.field("not_id")) };
    case "directRemoteIp":
      return { kind: "direct-remote-ip", ...toRange(identifier.value) };
    case "sourceIp":
    case "remoteIp":
      return { kind: "remote-ip", ...toRange(identifier.value) };
    case "authenticated": {
      const { principalName } = identifier.value;
      const at = path.field("authenticated").field("principal_name");
      const text = principalName === undefined ? null : toText(principalName, at);
      return { kind: "principal", text };
    }
    default:
      return refuse(path, "has no kind of principal that is implemented");
  }
}

function toRange({ addressPrefix, prefixLen = 0 }: CidrRange): { prefix: string; bits: number } {
  const most = addressPrefix.includes(":") ? 128 : 32;
  return { prefix: addressPrefix, bits: Math.min(prefixLen, most) };
}

function toText({ matchPattern, ignoreCase }: StringMatcher, path: FieldPath): TextMatchModel {
  switch (matchPattern.case) {
    case "exact":
    case "prefix":
    case "suffix":
    case "contains": {
      const value = ignoreCase ? matchPattern.value.toLowerCase() : matchPattern.value;
      return { how: matchPattern.case, value, ignoresCase: ignoreCase };
    }
    case "safeRegex": {
      const { regex } = matchPattern.value;
      try {
        new LinearRegex(regex);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return refuse(path.field("safe_regex").field("regex"), why);
      }
      return { how: "regex", value: regex, ignoresCase: false };
    }
    default:
      return refuse(path, "has no kind of match that is implemented");
  }
}
