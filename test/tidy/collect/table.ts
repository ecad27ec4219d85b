import { type Expression, type Node, type SourceFile, SyntaxKind } from "typescript/unstable/ast";
import {
  isAsExpression,
  isIdentifier,
  isObjectLiteralExpression,
  isPropertyAssignment,
  isSatisfiesExpression,
  isStringLiteral,
  isVariableStatement,
} from "typescript/unstable/ast/is";
import { lineOf } from "./node.ts";

/** A top-level `const` that holds an object literal: a table of facts. */
export interface ConstTable {
  readonly name: string;
  readonly rows: readonly ConstRow[];
}

/** One property of a table. */
export interface ConstRow {
  readonly key: string;
  readonly line: number;
  /** The doc comment on one line, without its marks. */
  readonly doc: string;
  /** The literal values of the row, by name, as they are written, strings without quotes. */
  readonly cells: Readonly<Record<string, string>>;
}

/** Collects the tables of a file. */
export function collectConstTables(tree: SourceFile): ConstTable[] {
  return tree.statements.filter(isVariableStatement).flatMap((statement) =>
    statement.declarationList.declarations.flatMap(({ name, initializer }) => {
      const rows = initializer === undefined ? null : rowsOf(tree, initializer);
      return rows === null || !isIdentifier(name) ? [] : [{ name: name.text, rows }];
    }),
  );
}

function rowsOf(tree: SourceFile, initializer: Expression): ConstRow[] | null {
  const table = withoutTypes(initializer);
  if (!isObjectLiteralExpression(table)) return null;
  return table.properties.filter(isPropertyAssignment).map((property) => ({
    key: keyOf(tree, property.name),
    line: lineOf(tree, property),
    doc: docOf(tree, property),
    cells: cellsOf(tree, withoutTypes(property.initializer)),
  }));
}

function cellsOf(tree: SourceFile, value: Expression): Record<string, string> {
  if (!isObjectLiteralExpression(value)) return {};
  const pairs = value.properties.filter(isPropertyAssignment).map(({ name, initializer }) => {
    const text = isStringLiteral(initializer) ? initializer.text : initializer.getText(tree);
    return [keyOf(tree, name), text];
  });
  return Object.fromEntries(pairs);
}

/** `value` without the `as const` and `satisfies` around it. */
function withoutTypes(value: Expression): Expression {
  if (isAsExpression(value) || isSatisfiesExpression(value)) return withoutTypes(value.expression);
  return value;
}

function keyOf(tree: SourceFile, name: Node): string {
  return name.kind === SyntaxKind.StringLiteral
    ? name.getText(tree).slice(1, -1)
    : name.getText(tree);
}

function docOf(tree: SourceFile, node: Node): string {
  const comment = tree.text.slice(node.pos, node.getStart(tree));
  const start = comment.lastIndexOf("/**");
  if (start < 0) return "";
  const lines = comment.slice(start).split("\n");
  const bare = lines.map((line) => line.replace(/^\s*(\/\*\*|\*(?!\/))?/, "").replace("*/", ""));
  return bare.join(" ").replaceAll(/\s+/g, " ").trim();
}
