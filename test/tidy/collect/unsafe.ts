import {
  type AsExpression,
  type Node,
  type SourceFile,
  SyntaxKind,
  type TypeAssertion,
} from "typescript/unstable/ast";
import { isAsExpression, isTypeAssertion } from "typescript/unstable/ast/is";
import { excerptOf, lineAt, lineOf, walk } from "./node.ts";

/** A way round the type checker. */
export interface Unsafe {
  readonly kind: "any" | "cast" | "non-null";
  readonly line: number;
  readonly excerpt: string;
}

/** Collects `any`, `as` (not `as const`), `value!` and `field!: Type`. */
export function collectUnsafe(tree: SourceFile): Unsafe[] {
  const unsafe: Unsafe[] = [];
  walk(tree, (node) => {
    const kind = kindOf(tree, node);
    // The end of the node: a cast behind a long call is looked for where `as` stands.
    const line = kind === "any" ? lineOf(tree, node) : lineAt(tree, node.end);
    if (kind !== null) unsafe.push({ kind, line, excerpt: excerptOf(tree, node) });
  });
  return unsafe;
}

function kindOf(tree: SourceFile, node: Node): Unsafe["kind"] | null {
  if (node.kind === SyntaxKind.AnyKeyword) return "any";
  if (node.kind === SyntaxKind.NonNullExpression) return "non-null";
  if (isCast(node)) {
    // Of `value as unknown as Type`, only the whole.
    return isCast(node.parent) || node.type.getText(tree) === "const" ? null : "cast";
  }
  return isDefinite(tree, node) ? "non-null" : null;
}

function isCast(node: Node): node is AsExpression | TypeAssertion {
  return isAsExpression(node) || isTypeAssertion(node);
}

/** Whether `node` is the mark in `field!: Type`, which promises that a value comes later. */
function isDefinite(tree: SourceFile, node: Node): boolean {
  return node.kind === SyntaxKind.ExclamationToken && node.getText(tree) === "!";
}
