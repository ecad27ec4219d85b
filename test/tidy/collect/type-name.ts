import type { SourceFile } from "typescript/unstable/ast";
import {
  isClassDeclaration,
  isInterfaceDeclaration,
  isTypeAliasDeclaration,
} from "typescript/unstable/ast/is";
import { lineOf } from "./node.ts";

/** The name of a class, an interface or a type alias, exported or not. */
export interface TypeName {
  readonly name: string;
  readonly line: number;
}

/** Collects the types that a file declares at its top level. */
export function collectTypeNames(tree: SourceFile): TypeName[] {
  return tree.statements.flatMap((statement) => {
    const isType = isInterfaceDeclaration(statement) || isTypeAliasDeclaration(statement);
    if (!isType && !isClassDeclaration(statement)) return [];
    if (statement.name === undefined) return [];
    return [{ name: statement.name.text, line: lineOf(tree, statement) }];
  });
}
