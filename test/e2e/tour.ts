import assert from "node:assert/strict";
import { parseCurl } from "./curl.ts";

type Check = (response: Response, text: string, sent: Headers) => void;

/** What each printed line must give, by the path that it asks for. */
const CHECKS: Readonly<Record<string, Check>> = {
  "/catalog": (response, text, sent) => {
    assert.equal(response.status, 200);
    const { service, version } = JSON.parse(text);
    assert.equal(service, "catalog");
    assert.ok(sent.get("x-version") === "v2" ? version === "v2" : /^v[12]$/.test(version));
  },
  "/reviews/lantern": (response, text) => {
    assert.equal(response.status, 200);
    assert.equal(JSON.parse(text).path, "/v1/reviews/lantern");
  },
  "/products": (response, text) => {
    assert.equal(response.status, 301);
    assert.equal(response.headers.get("location"), new URL("/catalog", response.url).href);
    assert.equal(text, "");
  },
  "/robots.txt": (response, text) => {
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "text/plain");
    assert.equal(text, "User-agent: *\nDisallow: /\n");
  },
  "/slow?ms=3000": (response, text) => {
    assert.equal(response.status, 504);
    assert.equal(text, "upstream request timeout");
  },
  "/ready": (response, text) => {
    assert.equal(response.status, 200);
    assert.equal(text, "LIVE\n");
  },
  "/stats?filter=upstream_rq_total": (response, text) => {
    assert.equal(response.status, 200);
    assert.match(text, /^cluster\.reviews\.upstream_rq_total: [1-9]\d*$/m);
  },
};

/**
 * Asks for what each curl line in `printed` asks for, and checks the answers. Fails too when the
 * text has no line for one of the checks.
 */
export async function checkTour(printed: string): Promise<void> {
  const seen = new Set<string>();
  for (const line of printed.match(/curl .*/g) ?? []) {
    const { url, headers } = parseCurl(line);
    const path = url.pathname + url.search;
    const response = await fetch(url, { headers, redirect: "manual" });
    assert.ok(Object.hasOwn(CHECKS, path), `nothing is known about ${path}`);
    CHECKS[path](response, await response.text(), headers);
    seen.add(path);
  }
  assert.deepEqual([...seen].sort(), Object.keys(CHECKS).sort());
}
