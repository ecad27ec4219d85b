import type { Terminal } from "../line/terminal.ts";

/** One thing to try, as the quickstart prints it. */
interface Stop {
  readonly title: string;
  /** Arguments of curl before the address. */
  readonly options?: string;
  readonly path: string;
  readonly expect: string;
}

const STOPS: readonly Stop[] = [
  {
    title: "Weighted split",
    path: "/catalog",
    expect: "nine in ten answers are from v1, one in ten from v2: repeat it",
  },
  {
    title: "Header match",
    options: "-H 'x-version: v2'",
    path: "/catalog",
    expect: "always v2",
  },
  {
    title: "Prefix rewrite",
    path: "/reviews/lantern",
    expect: "the service is asked for /v1/reviews/lantern",
  },
  { title: "Redirect", options: "-i", path: "/products", expect: "301 to /catalog" },
  { title: "Direct response", path: "/robots.txt", expect: "no service is asked" },
  {
    title: "Timeout",
    options: "-i",
    path: "/slow?ms=3000",
    expect: "504 after one second; with ms=300 it is in time",
  },
];

const ADMIN_STOPS: readonly Stop[] = [
  { title: "Admin interface", path: "/ready", expect: "LIVE" },
  {
    title: "Statistics",
    path: "/stats?filter=upstream_rq_total",
    expect: "how many requests each cluster had",
  },
];

/** Addresses that the tour leads to, each `http://ADDRESS:PORT`. */
export interface TourAddresses {
  readonly shop: string;
  /** `null` leaves the admin interface out. */
  readonly admin: string | null;
}

/** What there is to try: for each thing a line of words and a curl line that works. */
export function formatTour(addresses: TourAddresses, style: Terminal["style"]): string {
  const stops = STOPS.map((stop) => formatStop(stop, addresses.shop, style));
  const { admin } = addresses;
  if (admin !== null) stops.push(...ADMIN_STOPS.map((stop) => formatStop(stop, admin, style)));
  const page = style("cyan", `${addresses.shop}/`);
  return `The shop: open ${page} in a browser, or try these:\n\n${stops.join("\n")}`;
}

function formatStop(stop: Stop, address: string, style: Terminal["style"]): string {
  const options = ["curl -s", stop.options].filter(Boolean).join(" ");
  const url = `${address}${stop.path}`;
  // A shell takes "?" and "&" for its own.
  const word = /[?&]/.test(url) ? `'${url}'` : url;
  const line = style("cyan", `${options} ${word}`);
  return `  ${style("bold", stop.title)}: ${stop.expect}\n    ${line}\n`;
}
