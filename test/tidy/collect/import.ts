import { type Node, type SourceFile, SyntaxKind } from "typescript/unstable/ast";
import {
  isCallExpression,
  isExportDeclaration,
  isImportDeclaration,
  isImportTypeNode,
  isLiteralTypeNode,
  isNamedExports,
  isNamedImports,
  isStringLiteral,
} from "typescript/unstable/ast/is";
import { lineOf, walk } from "./node.ts";

/** One use of another module, whichever form it has. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** The exported names that are used; `*` when it may be any of them. */
  readonly names: readonly string[];
}

const PATH_TEXT = /^[\w./-]+\.(ts|mjs)$/;

/** Collects imports: static, dynamic, in types, and re-exports. */
export function collectImports(tree: SourceFile): Import[] {
  const imports: Import[] = [];
  walk(tree, (node) => {
    const specifier = specifierOf(node);
    if (specifier === null) return;
    imports.push({ specifier, line: lineOf(tree, node), names: namesOf(node) });
  });
  return imports;
}

/**
 * Collects strings that end like a source file and are no imports: programs started by path or URL.
 */
export function collectPathStrings(tree: SourceFile): string[] {
  const paths: string[] = [];
  walk(tree, (node) => {
    if (!isStringLiteral(node) || !PATH_TEXT.test(node.text)) return;
    const isSpecifier = specifierOf(node.parent) !== null || isLiteralTypeNode(node.parent);
    if (!isSpecifier) paths.push(node.text);
  });
  return paths;
}

function specifierOf(node: Node): string | null {
  if (isImportDeclaration(node)) return textOf(node.moduleSpecifier);
  if (isExportDeclaration(node)) return textOf(node.moduleSpecifier);
  if (isImportTypeNode(node) && isLiteralTypeNode(node.argument)) {
    return textOf(node.argument.literal);
  }
  const isDynamic = isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword;
  return isDynamic ? textOf(node.arguments[0]) : null;
}

function textOf(node: Node | undefined): string | null {
  return node !== undefined && isStringLiteral(node) ? node.text : null;
}

function namesOf(node: Node): string[] {
  if (isExportDeclaration(node)) {
    const clause = node.exportClause;
    if (clause === undefined || !isNamedExports(clause)) return ["*"];
    return [...clause.elements].map(({ propertyName, name }) => (propertyName ?? name).text);
  }
  if (!isImportDeclaration(node)) return ["*"];
  const clause = node.importClause;
  const names = clause?.name === undefined ? [] : ["default"];
  const bindings = clause?.namedBindings;
  if (bindings === undefined) return names;
  if (!isNamedImports(bindings)) return ["*"];
  const elements = [...bindings.elements];
  return [...names, ...elements.map(({ propertyName, name }) => (propertyName ?? name).text)];
}
