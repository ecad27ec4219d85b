// Writes the pages of docs/ that are made from tables in the code: `npm run docs`.
import { mkdirSync, writeFileSync } from "node:fs";
import { buildConfigurationDoc } from "./configuration-doc.ts";
import { buildEngineImageDoc } from "./engine-image-doc.ts";

const folder = new URL("../docs/", import.meta.url);

mkdirSync(folder, { recursive: true });
writeFileSync(new URL("configuration.md", folder), buildConfigurationDoc());
writeFileSync(new URL("engine-image.md", folder), buildEngineImageDoc());
