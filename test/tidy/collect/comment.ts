import { type SourceFile, SyntaxKind } from "typescript/unstable/ast";
import { lineAt, walk } from "./node.ts";

/** One line of a comment. */
export interface Comment {
  readonly line: number;
  readonly text: string;
}

const LITERALS: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.NoSubstitutionTemplateLiteral,
  SyntaxKind.RegularExpressionLiteral,
  SyntaxKind.StringLiteral,
  SyntaxKind.TemplateHead,
  SyntaxKind.TemplateMiddle,
  SyntaxKind.TemplateTail,
]);

/** Collects all comments, line by line. Slashes inside strings and patterns are no comments. */
export function collectComments(tree: SourceFile): Comment[] {
  const literalEnds = new Map<number, number>();
  walk(tree, (node) => {
    if (LITERALS.has(node.kind)) literalEnds.set(node.getStart(tree), node.end);
  });
  const comments: Comment[] = [];
  const { text } = tree;
  let position = 0;
  while (position < text.length) {
    const literalEnd = literalEnds.get(position);
    const end = literalEnd ?? endOfComment(text, position);
    if (end !== null && literalEnd === undefined) {
      const firstLine = lineAt(tree, position);
      const lines = text.slice(position, end).split("\n");
      comments.push(...lines.map((line, index) => ({ line: firstLine + index, text: line })));
    }
    position = end ?? position + 1;
  }
  return comments;
}

/** Where the comment that starts at `position` ends, or `null` when none starts there. */
function endOfComment(text: string, position: number): number | null {
  const isBlock = text.startsWith("/*", position);
  if (!isBlock && !text.startsWith("//", position)) return null;
  const end = isBlock ? text.indexOf("*/", position + 2) : text.indexOf("\n", position);
  if (end < 0) return text.length;
  return isBlock ? end + 2 : end;
}
