import assert from "node:assert/strict";
import { formatTour } from "../../../../cli/quickstart/tour.ts";

const plain = (_: unknown, text: string) => text;

describe("quickstart tour", () => {
  it("formatTour: every stop has a curl line with the address it was given", () => {
    const text = formatTour({ shop: "http://127.0.0.1:1", admin: "http://127.0.0.1:2" }, plain);
    const lines = text.split("\n").filter((line) => line.includes("curl"));
    assert.deepEqual(
      lines.map((line) => line.trim()),
      [
        "curl -s http://127.0.0.1:1/catalog",
        "curl -s -H 'x-version: v2' http://127.0.0.1:1/catalog",
        "curl -s http://127.0.0.1:1/reviews/lantern",
        "curl -s -i http://127.0.0.1:1/products",
        "curl -s http://127.0.0.1:1/robots.txt",
        "curl -s -i 'http://127.0.0.1:1/slow?ms=3000'",
        "curl -s http://127.0.0.1:2/ready",
        "curl -s 'http://127.0.0.1:2/stats?filter=upstream_rq_total'",
      ],
    );
  });

  it("formatTour: without an admin interface there is nothing to try on it", () => {
    const text = formatTour({ shop: "http://127.0.0.1:1", admin: null }, plain);
    assert.doesNotMatch(text, /ready|stats/);
  });
});
