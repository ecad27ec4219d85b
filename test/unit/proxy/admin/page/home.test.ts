import assert from "node:assert/strict";
import { ADMIN_ENDPOINTS } from "../../../../../proxy/admin/endpoints.ts";
import { formatHomePage } from "../../../../../proxy/admin/page/home.ts";
import { openSource } from "../scripted-source.ts";

const uptimes: readonly (readonly [uptimeMs: number, want: string])[] = [
  [0, "0 s"],
  [59_999, "59 s"],
  [61_000, "1 min 1 s"],
  [7_200_000, "2 h 0 min"],
  [90_000_000, "1 d 1 h"],
];

function format(uptimeMs = 0, id = "n1"): string {
  const source = openSource();
  const { node, ...info } = source.serverInfo();
  assert.ok(node);
  const serverInfo = () => ({ ...info, uptimeMs, node: { ...node, id } });
  return formatHomePage(ADMIN_ENDPOINTS, { ...source, serverInfo });
}

describe("formatHomePage", () => {
  it("forms: every command has one that posts, every other page a link", () => {
    const page = format();
    for (const { path, isMutation } of ADMIN_ENDPOINTS) {
      if (path === "/") continue;
      const want = isMutation ? `method="post" action="${path}"` : `<a href="${path}">`;
      assert.ok(page.includes(want), path);
    }
  });

  it("forms: have a field for every parameter", () => {
    const page = format();
    const names = ADMIN_ENDPOINTS.flatMap(({ parameters }) => parameters.map(({ name }) => name));
    for (const name of names) assert.ok(page.includes(`name="${name}"`), name);
  });

  it("text: what comes from the configuration cannot become markup", () => {
    const page = format(0, `<script>alert("1")</script>`);
    assert.ok(page.includes("&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;"));
    assert.ok(!page.includes("<script>"));
  });

  for (const [uptimeMs, want] of uptimes) {
    it(`uptime: ${uptimeMs} ms is ${want}`, () => {
      assert.ok(format(uptimeMs).includes(`<dd>${want}</dd>`));
    });
  }
});
