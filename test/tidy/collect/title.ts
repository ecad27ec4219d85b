import { type Node, type SourceFile, SyntaxKind } from "typescript/unstable/ast";
import {
  isCallExpression,
  isIdentifier,
  isPropertyAccessExpression,
} from "typescript/unstable/ast/is";
import { lineOf, walk } from "./node.ts";

/** The title of one mocha test, as it is written. */
export interface TestTitle {
  readonly line: number;
  /** The text; `${…}` where a template has a hole; `null` when the title is no literal. */
  readonly text: string | null;
  /** Whether the call is `it.only` or `test.only`. */
  readonly isOnly: boolean;
}

const TESTS: ReadonlySet<string> = new Set(["it", "specify", "test"]);

/** Collects the titles of the tests in a file. */
export function collectTestTitles(tree: SourceFile): TestTitle[] {
  const titles: TestTitle[] = [];
  walk(tree, (node) => {
    if (!isCallExpression(node) || node.arguments.length < 2) return;
    const { expression } = node;
    const isMember = isPropertyAccessExpression(expression);
    const callee = isMember ? expression.expression : expression;
    if (!isIdentifier(callee) || !TESTS.has(callee.text)) return;
    titles.push({
      line: lineOf(tree, node),
      text: titleOf(tree, node.arguments[0]),
      isOnly: isMember && expression.name.text === "only",
    });
  });
  return titles;
}

function titleOf(tree: SourceFile, title: Node): string | null {
  const text = title.getText(tree);
  const isLiteral =
    title.kind === SyntaxKind.StringLiteral ||
    title.kind === SyntaxKind.NoSubstitutionTemplateLiteral ||
    title.kind === SyntaxKind.TemplateExpression;
  return isLiteral ? text.slice(1, -1) : null;
}
