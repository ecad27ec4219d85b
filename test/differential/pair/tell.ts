import { type Outcome, PROBE_TARGET } from "./exchange.ts";
import type { HeaderLines, SeenRequest, SeenResponse } from "./message.ts";

/** Values that differ from one run to the next, and what stands for them. */
const SHAPES: Readonly<Record<string, readonly [RegExp, string]>> = {
  date: [/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/, "<date>"],
  "x-request-id": [/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/, "<uuid>"],
  "x-envoy-upstream-service-time": [/^\d{1,4}$/, "<ms>"],
};

/**
 * Writes an outcome as lines that two proxies can agree on: what differs by nature is replaced, and
 * headers are sorted by name, since their order among names means nothing.
 *
 * @param isUnordered True when the order in which requests came means nothing either.
 */
export function tell(
  outcome: Outcome,
  seen: readonly SeenRequest[],
  port: number,
  isUnordered = false,
): string[] {
  const requests = seen.filter(({ target }) => target !== PROBE_TARGET).map(tellRequest);
  if (isUnordered) requests.sort((a, b) => (a.join() < b.join() ? -1 : 1));
  const lines = [
    ...outcome.interims.flatMap((response) => tellResponse("interim", response)),
    ...outcome.responses.flatMap((response) => tellResponse("response", response)),
    ...requests.flat(),
    `connection: ${outcome.fate}`,
  ];
  return lines.map((line) => line.replaceAll(`${port}`, "<port>"));
}

function tellResponse(label: string, response: SeenResponse): string[] {
  const { line, headers, body, trailers, isWhole } = response;
  // The backend tells itself what it saw, and the length goes with it.
  const isEcho = headers.some(([name]) => name.toLowerCase() === "x-echo");
  const told = headers.filter(([name]) => !isEcho || name.toLowerCase() !== "content-length");
  return [
    `${label}: ${line}`,
    ...tellHeaders(`${label} header`, told),
    ...(isEcho ? [] : [`${label} body: ${body}`]),
    ...tellHeaders(`${label} trailer`, trailers),
    ...(isWhole ? [] : [`${label} is cut off`]),
  ];
}

function tellRequest({ method, target, headers, framing, body, trailers }: SeenRequest): string[] {
  return [
    `upstream: ${method} ${target}`,
    ...tellHeaders("upstream header", headers),
    `upstream body, ${framing}: ${body}`,
    ...tellHeaders("upstream trailer", trailers),
  ];
}

function tellHeaders(label: string, headers: HeaderLines): string[] {
  const lists = new Map<string, string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const shape = SHAPES[key];
    const told = shape === undefined ? value : value.replace(...shape);
    const before = lists.get(name);
    // Several lines and a list are the same (RFC 9110 §5.3), but for Set-Cookie.
    const gap = key === "set-cookie" ? "; and " : ",";
    lists.set(name, before === undefined ? told : `${before}${gap}${told}`);
  }
  return Array.from(lists, ([name, value]) => `${label}: ${name}: ${value}`).sort();
}
