import { type Node, type SourceFile, SyntaxKind } from "typescript/unstable/ast";
import {
  isCallExpression,
  isIdentifier,
  isPropertyAccessExpression,
} from "typescript/unstable/ast/is";
import { excerptOf, lineAt, lineOf, walk } from "./node.ts";

/** Where a function stands and how long it is, its doc comment not counted. */
export interface FunctionSpan {
  readonly name: string;
  readonly line: number;
  readonly lineCount: number;
  /** Whether it only groups tests: the callback of mocha's `describe` or `suite`. */
  readonly isSuite: boolean;
}

const FUNCTIONS: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.ArrowFunction,
  SyntaxKind.Constructor,
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.FunctionExpression,
  SyntaxKind.GetAccessor,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.SetAccessor,
]);

const SUITES: ReadonlySet<string> = new Set(["describe", "context", "suite"]);

/** Collects every function, method and callback of a file. */
export function collectFunctions(tree: SourceFile): FunctionSpan[] {
  const spans: FunctionSpan[] = [];
  walk(tree, (node) => {
    if (!FUNCTIONS.has(node.kind)) return;
    const line = lineOf(tree, node);
    spans.push({
      name: excerptOf(tree, node),
      line,
      lineCount: lineAt(tree, node.end) - line + 1,
      isSuite: isSuiteCallback(node),
    });
  });
  return spans;
}

function isSuiteCallback(node: Node): boolean {
  if (!isCallExpression(node.parent)) return false;
  const { expression } = node.parent;
  const callee = isPropertyAccessExpression(expression) ? expression.expression : expression;
  return isIdentifier(callee) && SUITES.has(callee.text);
}
