import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeCertificate } from "../support/tls/certificate.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A secret that a configuration reads, beside it. */
const SECRETS = "sds.yaml";

describe("tidy examples", () => {
  for (const path of listExamples()) {
    it(`examples: ${path} is valid`, async () => {
      const { validateConfig } = await import("../../proxy/main.ts");
      const folder = copyExample(dirname(path));
      const home = process.cwd();
      process.chdir(folder);
      try {
        await validateConfig(readFileSync(basename(path), "utf8"), path);
      } finally {
        process.chdir(home);
        rmSync(folder, { recursive: true });
      }
    });
  }
});

/** A copy of an example's folder, with the certificates that its README makes. */
function copyExample(example: string): string {
  const folder = mkdtempSync(join(tmpdir(), "example-"));
  cpSync(join(ROOT, example), folder, { recursive: true });
  const issuer = makeCertificate({ subject: [["CN", "Shop CA"]], isAuthority: true });
  writeFileSync(join(folder, "ca.pem"), issuer.pem);
  for (const name of ["shop", "backend", "front", "waypoint"]) {
    const { pem, keyPem } = makeCertificate({ subject: [["CN", name]], issuer });
    writeFileSync(join(folder, `${name}.pem`), pem);
    writeFileSync(join(folder, `${name}.key`), keyPem);
  }
  return folder;
}

function listExamples(): string[] {
  const folder = join(ROOT, "examples");
  if (!existsSync(folder)) return [];
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const configs = paths.filter((path) => /\.ya?ml$/.test(path) && basename(path) !== SECRETS);
  return configs.map((path) => `examples/${path}`);
}
