import { BlockList, isIPv6 } from "node:net";
import type {
  RbacCondition,
  RbacRulesModel,
  TextMatchModel,
} from "../../config/network-filter-model.ts";
import { textMatch } from "../../tls/certificate/name-match.ts";
import type { FilteredConnection } from "./connection-filter.ts";

/** How a connection was judged. */
export interface AccessVerdict {
  readonly isAllowed: boolean;
  /** The policy that matched, or null. */
  readonly policy: string | null;
}

type Test = (connection: FilteredConnection) => boolean;

/** Rules of access control that are ready to judge. Envoy `RoleBasedAccessControlEngine`. */
export class AccessRules {
  readonly #action: RbacRulesModel["action"];
  readonly #policies: readonly { readonly name: string; readonly isMet: Test }[];

  constructor({ action, policies }: RbacRulesModel) {
    this.#action = action;
    this.#policies = policies.map(({ name, permissions, principals }) => {
      const mayDo = oneOf(permissions);
      const isWho = oneOf(principals);
      return { name, isMet: (connection) => mayDo(connection) && isWho(connection) };
    });
  }

  /** Judges by the first policy that matches. */
  judge(connection: FilteredConnection): AccessVerdict {
    const policy = this.#policies.find(({ isMet }) => isMet(connection))?.name ?? null;
    const isMatch = policy !== null;
    if (this.#action === "log") return { isAllowed: true, policy };
    return { isAllowed: isMatch === (this.#action === "allow"), policy };
  }
}

function oneOf(conditions: readonly RbacCondition[]): Test {
  const tests = conditions.map(toTest);
  return (connection) => tests.some((test) => test(connection));
}

function toTest(condition: RbacCondition): Test {
  switch (condition.kind) {
    case "any":
      return () => true;
    case "one-of":
      return oneOf(condition.conditions);
    case "all-of": {
      const tests = condition.conditions.map(toTest);
      return (connection) => tests.every((test) => test(connection));
    }
    case "not": {
      const test = toTest(condition.condition);
      return (connection) => !test(connection);
    }
    case "remote-ip": {
      const holds = toRange(condition.prefix, condition.bits);
      return ({ ends }) => holds(ends.remoteAddress);
    }
    case "direct-remote-ip": {
      const holds = toRange(condition.prefix, condition.bits);
      return ({ direct }) => holds(direct.remoteAddress);
    }
    case "local-ip": {
      const holds = toRange(condition.prefix, condition.bits);
      return ({ ends }) => holds(ends.localAddress);
    }
    case "local-port": {
      const { start, end } = condition;
      return ({ ends }) => ends.localPort >= start && ends.localPort < end;
    }
    case "server-name": {
      const matches = toTextTest(condition.text);
      return ({ serverName }) => matches(serverName);
    }
    case "principal": {
      const matches = condition.text === null ? () => true : toTextTest(condition.text);
      return ({ principals }) => principals?.some(matches) ?? false;
    }
  }
}

/** Whether an address lies in a range; a Unix socket has none. */
function toRange(prefix: string, bits: number): (address: string) => boolean {
  const family = isIPv6(prefix) ? "ipv6" : "ipv4";
  const list = new BlockList();
  list.addSubnet(prefix, bits, family);
  return (address) => {
    if (address === "" || isIPv6(address) !== (family === "ipv6")) return false;
    return list.check(address, family);
  };
}

function toTextTest({ how, value, ignoresCase }: TextMatchModel): (text: string) => boolean {
  const matches = textMatch(how, value);
  return ignoresCase ? (text) => matches(text.toLowerCase()) : matches;
}
