import { isIP, isIPv4, isIPv6 } from "node:net";

/** How a string of a known form is told from others, and what to call it. */
export interface WellKnownString {
  readonly noun: string;
  matches(value: string): boolean;
}

/** The members of `well_known` in the rules for strings that are simply switched on. */
export const WELL_KNOWN_STRINGS = {
  email: { noun: "email address", matches: isEmail },
  hostname: { noun: "hostname", matches: isHostname },
  ip: { noun: "IP address", matches: (value) => isIP(value) !== 0 },
  ipv4: { noun: "IPv4 address", matches: isIPv4 },
  ipv6: { noun: "IPv6 address", matches: isIPv6 },
  uri: { noun: "URI", matches: isUri },
  uriRef: { noun: "URI", matches: isUriReference },
  address: {
    noun: "hostname, or ip address",
    matches: (value) => isHostname(value) || isIP(value) !== 0,
  },
  uuid: { noun: "UUID", matches: isUuid },
} as const satisfies Record<string, WellKnownString>;

/** RFC 1034: labels of letters, digits and hyphens, 253 characters in all. */
function isHostname(value: string): boolean {
  const name = value.endsWith(".") ? value.slice(0, -1) : value;
  if (name.length > 253) return false;
  return name
    .split(".")
    .every((label) => /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label));
}

function isEmail(value: string): boolean {
  const at = value.lastIndexOf("@");
  if (at < 1 || at > 64 || value.length > 254) return false;
  return !/[\s<>@]/.test(value.slice(0, at)) && isHostname(value.slice(at + 1));
}

/** RFC 3986: a scheme, a colon and characters that may stand in a URI. */
function isUri(value: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:/.test(value) && isUriReference(value);
}

function isUriReference(value: string): boolean {
  return /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/.test(value);
}

function isUuid(value: string): boolean {
  return /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(value);
}
