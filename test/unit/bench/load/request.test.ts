import assert from "node:assert/strict";
import { renderHead } from "../../../../bench/load/request.ts";

describe("bench/load/request", () => {
  const rows = [
    { method: "GET", bodyBytes: 0, headers: {}, lines: [] },
    { method: "POST", bodyBytes: 7, headers: {}, lines: ["Content-Length: 7"] },
    { method: "GET", bodyBytes: 0, headers: { "X-A": "b" }, lines: ["X-A: b"] },
  ] as const;
  for (const { lines, ...request } of rows) {
    it(`renderHead: ${request.method} adds ${lines.join() || "nothing"}`, () => {
      const head = renderHead({ ...request, paths: ["/"] }, "/a", 80);
      const first = `${request.method} /a HTTP/1.1`;
      assert.equal(head, [first, "Host: 127.0.0.1:80", ...lines, "", ""].join("\r\n"));
    });
  }
});
