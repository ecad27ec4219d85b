import { isIP } from "node:net";
import type { IncomingHttpHeaders } from "node:http";

/**
 * Says why a request that changes something is refused, or null. A web page that a person looks at
 * can make the browser send POST requests here: from its own origin, or, when its name is made to
 * resolve to us (DNS rebinding), from what looks like ours. So the origin must be the one that the
 * request goes to, and that must be an address or `localhost`, which nobody can rebind.
 *
 * @param isPipe The request came through a Unix socket, which no browser can reach.
 */
export function refuseMutation(headers: IncomingHttpHeaders, isPipe: boolean): string | null {
  if (isPipe) return null;
  const { host, origin } = headers;
  if (host !== undefined && !isUnmistakable(host)) {
    return `Host ${JSON.stringify(host)} is neither an IP address nor localhost.`;
  }
  const site = headers["sec-fetch-site"];
  if (site === "cross-site" || site === "same-site") {
    return "The request comes from another site.";
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    return `Origin ${JSON.stringify(origin)} is not this server.`;
  }
  return null;
}

/** Whether a Host value names a machine by what no DNS answer can change. */
function isUnmistakable(host: string): boolean {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host);
  if (match === null) return false;
  const [, six, name] = match;
  if (six !== undefined) return isIP(six) === 6;
  const lower = name.toLowerCase();
  return isIP(lower) === 4 || lower === "localhost" || lower.endsWith(".localhost");
}
