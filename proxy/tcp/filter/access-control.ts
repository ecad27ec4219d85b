import { RBAC_ALLOWED, RBAC_DENIED } from "../../../api/engine/network/filter-stats.ts";
import type { RbacModel } from "../../config/network-filter-model.ts";
import { AccessRules } from "./access-rules.ts";
import type {
  ConnectionFilter,
  FilterCounts,
  FilteredConnection,
  Refusal,
} from "./connection-filter.ts";

/** Closes connections of who may not speak. Envoy `envoy.filters.network.rbac`. */
export class AccessControl implements ConnectionFilter {
  readonly judges: ConnectionFilter["judges"];
  readonly #rules: AccessRules | null;
  readonly #shadowRules: AccessRules | null;
  readonly #delayMs: number;
  readonly #counts: FilterCounts;
  readonly #shadowCounts: FilterCounts;

  constructor(model: RbacModel, counts: FilterCounts, shadowCounts: FilterCounts) {
    this.judges = model.isContinuous ? "all bytes" : "first bytes";
    this.#rules = model.rules === null ? null : new AccessRules(model.rules);
    this.#shadowRules = model.shadowRules === null ? null : new AccessRules(model.shadowRules);
    this.#delayMs = model.delayMs;
    this.#counts = counts;
    this.#shadowCounts = shadowCounts;
  }

  onOpen(): null {
    return null;
  }

  onRead(connection: FilteredConnection): Refusal | null {
    const shadow = this.#shadowRules?.judge(connection);
    if (shadow !== undefined) {
      this.#shadowCounts.add(shadow.isAllowed ? RBAC_ALLOWED : RBAC_DENIED, 1);
    }
    const verdict = this.#rules?.judge(connection);
    if (verdict === undefined) return null;
    this.#counts.add(verdict.isAllowed ? RBAC_ALLOWED : RBAC_DENIED, 1);
    if (verdict.isAllowed) return null;
    const policy = (verdict.policy ?? "none").replaceAll(/[ \t\n\v\f\r]/g, "_");
    const details = `rbac_access_denied_matched_policy[${policy}]`;
    return { delayMs: this.#delayMs, details, flag: -1 };
  }

  onClose(): void {}
}
