import { isIP } from "node:net";
import type { CidrRange } from "../../../api/gen/envoy/config/core/v3/address_pb.js";
import type {
  Permission,
  Principal,
  RBAC as Rules,
} from "../../../api/gen/envoy/config/rbac/v3/rbac_pb.js";
import type { RBAC } from "../../../api/gen/envoy/extensions/filters/network/rbac/v3/rbac_pb.js";
import type { FieldPath } from "../field-path.ts";
import type { Problems } from "../problems.ts";

/** Checks the ranges of addresses in a network filter for access control. */
export function checkRbac(rbac: RBAC, path: FieldPath, problems: Problems): void {
  checkRules(rbac.rules, path.field("rules"), problems);
  checkRules(rbac.shadowRules, path.field("shadow_rules"), problems);
}

function checkRules(rules: Rules | undefined, path: FieldPath, problems: Problems): void {
  for (const [name, { permissions, principals }] of Object.entries(rules?.policies ?? {})) {
    const at = path.field("policies").key(name);
    for (const [index, each] of permissions.entries()) {
      checkPermission(each, at.field("permissions").item(index), problems);
    }
    for (const [index, each] of principals.entries()) {
      checkPrincipal(each, at.field("principals").item(index), problems);
    }
  }
}

function checkPermission({ rule }: Permission, path: FieldPath, problems: Problems): void {
  if (rule.case === "andRules" || rule.case === "orRules") {
    for (const each of rule.value.rules) checkPermission(each, path, problems);
  } else if (rule.case === "notRule") checkPermission(rule.value, path, problems);
  else if (rule.case === "destinationIp") {
    checkRange(rule.value, path.field("destination_ip"), problems);
  }
}

function checkPrincipal({ identifier }: Principal, path: FieldPath, problems: Problems): void {
  switch (identifier.case) {
    case "andIds":
    case "orIds":
      for (const each of identifier.value.ids) checkPrincipal(each, path, problems);
      break;
    case "notId":
      checkPrincipal(identifier.value, path, problems);
      break;
    case "sourceIp":
      checkRange(identifier.value, path.field("source_ip"), problems);
      break;
    case "directRemoteIp":
      checkRange(identifier.value, path.field("direct_remote_ip"), problems);
      break;
    case "remoteIp":
      checkRange(identifier.value, path.field("remote_ip"), problems);
      break;
    default:
  }
}

/** In Envoy's words. Too many bits count as all that the address has. */
function checkRange({ addressPrefix }: CidrRange, path: FieldPath, problems: Problems): void {
  if (isIP(addressPrefix) !== 0) return;
  problems.add(path.field("address_prefix"), `malformed IP address: ${addressPrefix}`);
}
