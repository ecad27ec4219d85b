import { type Node, type SourceFile, SyntaxKind } from "typescript/unstable/ast";
import {
  isClassDeclaration,
  isExportAssignment,
  isExportDeclaration,
  isFunctionDeclaration,
  isIdentifier,
  isInterfaceDeclaration,
  isNamedExports,
  isTypeAliasDeclaration,
  isVariableStatement,
} from "typescript/unstable/ast/is";
import { lineOf, walk } from "./node.ts";

/** One exported name. `default` for a default export, `*` for a re-export of everything. */
export interface Export {
  readonly name: string;
  readonly line: number;
  readonly hasDoc: boolean;
  /** Whether a signature may name it: a type or a class. */
  readonly isType: boolean;
  /** Whether another file declares it. */
  readonly isReexport: boolean;
  /** Whether its own file mentions it beside the declaration. */
  readonly isUsedHere: boolean;
}

interface Declaration {
  readonly name: string;
  readonly node: Node;
  readonly hasDoc: boolean;
  readonly isType: boolean;
  readonly isExported: boolean;
  readonly isDefault: boolean;
}

/** Collects what a file exports, declared in place or in an export list. */
export function collectExports(tree: SourceFile): Export[] {
  const declarations = collectDeclarations(tree);
  const mentions = countMentions(tree);
  const exports: Export[] = [];
  const documented = new Set<string>();
  for (const { name, node, hasDoc, isType, isExported, isDefault } of declarations) {
    if (!isExported) continue;
    const isOverload = exports.some((other) => other.name === name);
    if (isOverload && documented.has(name)) continue;
    if (hasDoc) documented.add(name);
    exports.push({
      name: isDefault ? "default" : name,
      line: lineOf(tree, node),
      hasDoc,
      isType,
      isReexport: false,
      isUsedHere: (mentions.get(name) ?? 0) > 1,
    });
  }
  return [...exports, ...collectExportLists(tree, declarations)];
}

/** The names in `export { … }`, `export … from` and `export default <expression>`. */
function collectExportLists(tree: SourceFile, declarations: readonly Declaration[]): Export[] {
  const exports: Export[] = [];
  for (const statement of tree.statements) {
    const line = lineOf(tree, statement);
    if (isExportAssignment(statement)) {
      const hasDoc = statement.jsDoc !== undefined;
      const rest = { isType: false, isReexport: false, isUsedHere: false };
      exports.push({ name: "default", line, hasDoc, ...rest });
    }
    if (!isExportDeclaration(statement)) continue;
    const isFromFile = statement.moduleSpecifier !== undefined;
    const clause = statement.exportClause;
    const elements = clause !== undefined && isNamedExports(clause) ? [...clause.elements] : [];
    for (const element of elements) {
      const local = (element.propertyName ?? element.name).text;
      const declaration = declarations.find(({ name }) => name === local);
      // A name that is not declared here was imported.
      const isReexport = isFromFile || declaration === undefined;
      exports.push({
        name: element.name.text,
        line: lineOf(tree, element),
        hasDoc: isReexport || declaration?.hasDoc === true,
        isType: statement.isTypeOnly || declaration?.isType === true,
        isReexport,
        isUsedHere: false,
      });
    }
    if (elements.length > 0 || !isFromFile) continue;
    const rest = { isType: false, isReexport: true, isUsedHere: false };
    exports.push({ name: "*", line, hasDoc: true, ...rest });
  }
  return exports;
}

/**
 * Collects declarations. One doc comment above a block of constants, with no blank line between
 * them, stands for all of the block.
 */
function collectDeclarations(tree: SourceFile): Declaration[] {
  let isInBlock = false;
  let end = 0;
  return tree.statements.flatMap((statement) => {
    const gap = tree.text.slice(end, statement.getStart(tree));
    const isConstant = isVariableStatement(statement);
    const hasOwnDoc = statement.jsDoc !== undefined;
    const hasDoc = hasOwnDoc || (isInBlock && isConstant && !gap.includes("\n\n"));
    isInBlock = isConstant && hasDoc;
    end = statement.end;
    return declarationsOf(statement, hasDoc);
  });
}

function declarationsOf(statement: Node, hasDoc: boolean): Declaration[] {
  const flags = { hasDoc, ...modifiersOf(statement) };
  if (isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap((node) =>
      isIdentifier(node.name) ? [{ name: node.name.text, node, isType: false, ...flags }] : [],
    );
  }
  const isType =
    isClassDeclaration(statement) ||
    isInterfaceDeclaration(statement) ||
    isTypeAliasDeclaration(statement);
  if (isType || isFunctionDeclaration(statement)) {
    return [{ name: statement.name?.text ?? "default", node: statement, isType, ...flags }];
  }
  return [];
}

function modifiersOf(statement: Node): { isExported: boolean; isDefault: boolean } {
  let isExported = false;
  let isDefault = false;
  statement.forEachChild((child) => {
    if (child.kind === SyntaxKind.ExportKeyword) isExported = true;
    if (child.kind === SyntaxKind.DefaultKeyword) isDefault = true;
  });
  return { isExported, isDefault };
}

function countMentions(tree: SourceFile): Map<string, number> {
  const counts = new Map<string, number>();
  walk(tree, (node) => {
    if (isIdentifier(node)) counts.set(node.text, (counts.get(node.text) ?? 0) + 1);
  });
  return counts;
}
