import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseBootstrap } from "../../../../../../proxy/config/bootstrap.ts";
import { describeSnapshot } from "../../../../../../proxy/config/compile/describe/describe-snapshot.ts";
import { compileSnapshot } from "../../../../../../proxy/config/compile/snapshot.ts";
import { assertGolden } from "../../../../../support/golden.ts";
import { SAMPLE_SETTING } from "../sample-setting.ts";

/** Each file with the golden description of its image. */
const FILES = [
  { golden: "quickstart", path: "examples/quickstart/envoy.yaml" },
  { golden: "full-bootstrap", path: "test/unit/proxy/config/full-bootstrap.yaml" },
];

describe("engine image", () => {
  for (const { golden, path } of FILES) {
    it(`describeSnapshot: ${path} compiles to the same image as ever`, () => {
      const text = readFileSync(new URL(`../../../../../../${path}`, import.meta.url), "utf8");
      const bootstrap = parseBootstrap(text, { name: path });
      const snapshot = compileSnapshot(bootstrap, 1, SAMPLE_SETTING);
      const digest = createHash("sha256").update(snapshot.image).digest("hex");
      const lines = [...describeSnapshot(snapshot), `sha256 ${digest}`];
      assertGolden(`engine-image/${golden}.txt`, `${lines.join("\n")}\n`);
    });
  }
});
