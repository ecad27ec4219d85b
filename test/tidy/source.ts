import type { SourceFile } from "typescript/unstable/ast";
import { type Comment, collectComments } from "./collect/comment.ts";
import { collectConstantFaults, type ConstantFault } from "./collect/constant.ts";
import { collectExports, type Export } from "./collect/export.ts";
import { collectFunctions, type FunctionSpan } from "./collect/function.ts";
import { collectImports, collectPathStrings, type Import } from "./collect/import.ts";
import { collectConstTables, type ConstTable } from "./collect/table.ts";
import { collectTestTitles, type TestTitle } from "./collect/title.ts";
import { collectTypeNames, type TypeName } from "./collect/type-name.ts";
import { collectUnsafe, type Unsafe } from "./collect/unsafe.ts";

/** What the rules know of one source file. Line numbers start at 1 everywhere. */
export interface Source {
  /** Path from the root of the repository, with forward slashes. */
  readonly path: string;
  readonly lines: readonly string[];
  readonly comments: readonly Comment[];
  /** Statements that would not mean the same in TypeScript and in AssemblyScript. */
  readonly constantFaults: readonly ConstantFault[];
  readonly constTables: readonly ConstTable[];
  readonly exports: readonly Export[];
  readonly functions: readonly FunctionSpan[];
  readonly imports: readonly Import[];
  /** Strings that look like the path of a source file, such as the URL of a worker's program. */
  readonly pathStrings: readonly string[];
  readonly testTitles: readonly TestTitle[];
  readonly typeNames: readonly TypeName[];
  readonly unsafe: readonly Unsafe[];
  /** Whether every statement only hands on what other files export. */
  readonly isBarrel: boolean;
}

/** Gathers the facts of one file from its syntax tree. */
export function toSource(path: string, tree: SourceFile): Source {
  const exports = collectExports(tree);
  return {
    path,
    lines: tree.text.split("\n"),
    comments: collectComments(tree),
    constantFaults: collectConstantFaults(tree),
    constTables: collectConstTables(tree),
    exports,
    functions: collectFunctions(tree),
    imports: collectImports(tree),
    pathStrings: collectPathStrings(tree),
    testTitles: collectTestTitles(tree),
    typeNames: collectTypeNames(tree),
    unsafe: collectUnsafe(tree),
    isBarrel: exports.length > 0 && exports.every(({ isReexport }) => isReexport),
  };
}
