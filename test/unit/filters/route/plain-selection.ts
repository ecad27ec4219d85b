/**
 * Route selection written as plainly as can be, from Envoy's documentation: every virtual host and
 * route is looked at in turn, and JavaScript's own regular expressions match. It is compared with
 * the engine's, which hashes.
 */

/** A route of the reference: what it asks of the path, and of one header. */
export interface PlainRoute {
  readonly kind: "prefix" | "path" | "separated" | "regex" | "template";
  readonly text: string;
  readonly ignoresCase: boolean;
  /** Value that header `n` has to have, or null. */
  readonly header: string | null;
}

/** A virtual host of the reference. */
export interface PlainHost {
  readonly domains: readonly string[];
  readonly routes: readonly PlainRoute[];
}

/** A request as the reference sees it. */
export interface PlainRequest {
  readonly authority: string;
  readonly path: string;
  readonly header: string | null;
}

/** Places of the virtual host and of the route that a request takes; -1 is none. */
export function selectPlainly(
  hosts: readonly PlainHost[],
  request: PlainRequest,
): { readonly host: number; readonly route: number } {
  const host = findHost(hosts, request.authority.toLowerCase());
  if (host < 0) return { host, route: -1 };
  const route = hosts[host].routes.findIndex((candidate) => matches(candidate, request));
  return { host, route };
}

function findHost(hosts: readonly PlainHost[], authority: string): number {
  const domains = hosts.flatMap(({ domains }, host) =>
    domains.map((domain) => ({ host, domain: domain.toLowerCase() })),
  );
  const longestFirst = domains.toSorted((a, b) => b.domain.length - a.domain.length);
  const isSuffix = ({ domain }: { domain: string }) =>
    domain.startsWith("*") &&
    authority.length >= domain.length &&
    authority.endsWith(domain.slice(1));
  const isPrefix = ({ domain }: { domain: string }) =>
    domain.endsWith("*") &&
    authority.length >= domain.length &&
    authority.startsWith(domain.slice(0, -1));
  const found =
    domains.find(({ domain }) => domain === authority) ??
    longestFirst.find((entry) => entry.domain !== "*" && isSuffix(entry)) ??
    longestFirst.find((entry) => !entry.domain.startsWith("*") && isPrefix(entry)) ??
    domains.find(({ domain }) => domain === "*");
  return found?.host ?? -1;
}

function matches(route: PlainRoute, request: PlainRequest): boolean {
  if (route.header !== null && route.header !== request.header) return false;
  const fold = (text: string) => (route.ignoresCase ? text.toLowerCase() : text);
  const whole = request.path.split(/[?#]/, 1)[0];
  const path = fold(whole);
  const text = fold(route.text);
  switch (route.kind) {
    case "prefix":
      return path.startsWith(text);
    case "path":
      return path === text;
    case "separated":
      return path === text || path.startsWith(`${text}/`);
    case "regex":
      return new RegExp(`^(?:${route.text})$`).test(whole);
    case "template":
      return templatePattern(route.text).test(whole);
  }
}

/** Only `*` and `**` are known here. */
function templatePattern(template: string): RegExp {
  const escaped = template.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
  const pattern = escaped.replaceAll("**", "\0").replaceAll("*", "[^/]+").replaceAll("\0", ".*");
  return new RegExp(`^${pattern}$`);
}
