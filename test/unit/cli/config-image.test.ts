import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommandLine } from "../../../cli/dispatch.ts";
import { openCapturedTerminal } from "./capture.ts";

const FILE = fileURLToPath(new URL("../../../examples/quickstart/envoy.yaml", import.meta.url));

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const terminal = openCapturedTerminal();
  const code = await runCommandLine(["config", "image", ...args], terminal);
  return { code, ...terminal.written };
}

describe("config image command", () => {
  const folder = mkdtempSync(join(tmpdir(), "causeway-image-"));
  after(() => rmSync(folder, { recursive: true }));

  it("causeway config image: prints header, clusters, managers, routes and scopes", async () => {
    const { code, out } = await run(FILE);
    assert.equal(code, 0);
    assert.match(out, /^engine image, version \d+, \d+ bytes\nnode "quickstart" of cluster "shop"/);
    for (const line of [
      'cluster 3 "reviews", head at most 81920 bytes, 100 headers',
      'listener "shop", filter chain ""',
      "  flags generate_request_id",
      '    virtual host "shop" flags=0 tls=0 domains=*',
    ]) {
      assert.ok(out.includes(`${line}\n`), line);
    }
    assert.match(
      out,
      /\nscope http "127\.0\.0\.1_\d+:shop" for the field at \d+\nscope http2 "http2" for/,
    );
  });

  it("causeway config image: --out writes the bytes, and --hex prints them", async () => {
    const path = join(folder, "image");
    const { code, out } = await run(FILE, "--hex", "--out", path);
    assert.equal(code, 0);
    const bytes = readFileSync(path);
    assert.equal(bytes.subarray(0, 4).toString(), "CWIM");
    const rows = out.trimEnd().split("\n");
    assert.equal(rows.length, Math.ceil(bytes.length / 16));
    assert.match(rows[0] ?? "", /^00000000 {2}43 57 49 4d 04 00 00 00 [0-9a-f ]{23} {2}CWIM\.{4}/);
    const printed = rows.map((row) => row.slice(10, 57).replaceAll(" ", "")).join("");
    assert.equal(printed, bytes.toString("hex"));
  });

  const refused: readonly { name: string; args: string[]; code: number; err: RegExp }[] = [
    { name: "no file", args: [], code: 2, err: /^causeway: FILE is missing\n/ },
    { name: "two files", args: [FILE, "b"], code: 2, err: /: unexpected argument "b"\n/ },
    { name: "an absent file", args: ["/nowhere.yaml"], code: 1, err: /cannot read \/nowhere/ },
    {
      name: "a place that cannot be written",
      args: [FILE, "--out", "/nowhere/image"],
      code: 1,
      err: /^causeway: cannot write \/nowhere\/image: ENOENT/,
    },
  ];
  for (const { name, args, code, err } of refused) {
    it(`causeway config image: ${name} is told`, async () => {
      const found = await run(...args);
      assert.deepEqual({ code: found.code, out: found.out }, { code, out: "" });
      assert.match(found.err, err);
    });
  }

  it("causeway config: one word of two names the command", async () => {
    const terminal = openCapturedTerminal();
    assert.equal(await runCommandLine(["config"], terminal), 2);
    assert.equal(terminal.written.err, 'causeway: "config" is not whole: config image\n');
  });
});
