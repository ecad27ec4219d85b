import { LinearRegex } from "../../config/regex/linear-regex.ts";
import type { NameMatchModel } from "../../config/tls-model.ts";
import type { AlternativeName } from "./alternative-names.ts";

/** Decides whether a name is wanted. */
export type NameMatch = (name: AlternativeName) => boolean;

/** Makes the test of one name from its model. */
export function toNameMatch(model: NameMatchModel): NameMatch {
  const { kind, how, value, ignoresCase } = model;
  const isWanted = textMatch(how, value);
  if (kind === "dns" && how === "exact") {
    return (name) => name.kind === kind && matchesHost(name.value, value);
  }
  return (name) =>
    name.kind === kind &&
    name.objectId === model.objectId &&
    isWanted(ignoresCase ? name.value.toLowerCase() : name.value);
}

/** Makes the test of a text as `StringMatcher` has it, case aside. */
export function textMatch(how: NameMatchModel["how"], value: string): (text: string) => boolean {
  switch (how) {
    case "exact":
      return (text) => text === value;
    case "prefix":
      return (text) => text.startsWith(value);
    case "suffix":
      return (text) => text.endsWith(value);
    case "contains":
      return (text) => text.includes(value);
    case "regex": {
      // The pattern was found to be whole by itself, so it cannot close the group.
      const regex = new LinearRegex(`^(?:${value})$`);
      return (text) => regex.isIn(text);
    }
  }
}

/**
 * Envoy `Utility::dnsNameMatch`: whether a name of a certificate, which may begin with `*.`, is or
 * covers a host. A star stands for one label, and for no part of one.
 */
function matchesHost(pattern: string, host: string): boolean {
  const wanted = host.toLowerCase();
  const own = pattern.toLowerCase();
  if (own === wanted) return true;
  if (!own.startsWith("*.")) return false;
  const dot = wanted.indexOf(".");
  return dot > 0 && wanted.slice(dot) === own.slice(1);
}
