import { API } from "typescript/unstable/sync";
import type { SourceFile } from "typescript/unstable/ast";

/** A folder that exists only in memory: the compiler sees the texts it is given, and no others. */
const VIRTUAL_FOLDER = "/tidy";

let compiler: API | null = null;
let fileSystem: Map<string, string> = new Map();
let parseCount = 0;

/**
 * Parses TypeScript, AssemblyScript and JavaScript texts, by path, into syntax trees. Nothing is
 * resolved or type checked, so it is fast. This is the one file that knows the compiler's process.
 */
export function parseFiles(texts: ReadonlyMap<string, string>): Map<string, SourceFile> {
  parseCount += 1;
  const folder = `${VIRTUAL_FOLDER}/${parseCount}`;
  const configPath = `${folder}/tsconfig.json`;
  fileSystem = new Map([...texts].map(([path, text]) => [`${folder}/${path}`, text]));
  const options = { allowJs: true, noLib: true, noResolve: true, target: "esnext", types: [] };
  const config = { compilerOptions: options, files: [...fileSystem.keys()] };
  fileSystem.set(configPath, JSON.stringify(config));

  compiler ??= new API({
    cwd: VIRTUAL_FOLDER,
    fs: {
      readFile: (path) => fileSystem.get(path) ?? null,
      fileExists: (path) => fileSystem.has(path),
    },
  });
  using snapshot = compiler.updateSnapshot({ openProjects: [configPath] });
  const program = snapshot.getProject(configPath)?.program;
  const trees = new Map<string, SourceFile>();
  for (const path of texts.keys()) {
    const tree = program?.getSourceFile(`${folder}/${path}`);
    if (tree === undefined) throw new Error(`the compiler did not parse ${path}`);
    trees.set(path, tree);
  }
  return trees;
}
