import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

describe("tidy examples", () => {
  for (const path of listExamples()) {
    it(`examples: ${path} is valid`, async () => {
      const { validateConfig } = await import("../../proxy/main.ts");
      await validateConfig(readFileSync(join(ROOT, path), "utf8"), path);
    });
  }
});

function listExamples(): string[] {
  const folder = join(ROOT, "examples");
  if (!existsSync(folder)) return [];
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return paths.filter((path) => /\.ya?ml$/.test(path)).map((path) => `examples/${path}`);
}
