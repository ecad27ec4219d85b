import {
  PermissionSchema,
  Permission_SetSchema,
  PolicySchema,
  PrincipalSchema,
  Principal_AuthenticatedSchema,
  Principal_SetSchema,
  RBACSchema as RulesSchema,
} from "../../../../api/gen/envoy/config/rbac/v3/rbac_pb.js";
import { RBACSchema } from "../../../../api/gen/envoy/extensions/filters/network/rbac/v3/rbac_pb.js";
import type { MessageFields } from "../field-status.ts";
import { fieldsOf, implemented, implementedNote } from "../field-status.ts";

/** Role-based access control of connections. */
export const RBAC_FIELDS: readonly MessageFields[] = [
  fieldsOf(RBACSchema, {
    rules: implemented,
    shadow_rules: implemented,
    shadow_rules_stat_prefix: implemented,
    stat_prefix: implemented,
    enforcement_type: implemented,
    delay_deny: implemented,
  }),
  fieldsOf(RulesSchema, {
    action: implementedNote("`LOG` allows; there is no dynamic metadata to note it in."),
    policies: implemented,
  }),
  fieldsOf(PolicySchema, { permissions: implemented, principals: implemented }),
  fieldsOf(PermissionSchema, {
    and_rules: implemented,
    or_rules: implemented,
    any: implemented,
    destination_ip: implemented,
    destination_port: implemented,
    destination_port_range: implemented,
    not_rule: implemented,
    requested_server_name: implemented,
  }),
  fieldsOf(Permission_SetSchema, { rules: implemented }),
  fieldsOf(PrincipalSchema, {
    and_ids: implemented,
    or_ids: implemented,
    any: implemented,
    authenticated: implemented,
    source_ip: implemented,
    direct_remote_ip: implemented,
    remote_ip: implemented,
    not_id: implemented,
  }),
  fieldsOf(Principal_AuthenticatedSchema, { principal_name: implemented }),
  fieldsOf(Principal_SetSchema, { ids: implemented }),
];
