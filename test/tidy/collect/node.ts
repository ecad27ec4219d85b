import type { Node, SourceFile } from "typescript/unstable/ast";

/** Calls `visit` for every node below `node`, parents first. */
export function walk(node: Node, visit: (node: Node) => void): void {
  node.forEachChild((child) => {
    visit(child);
    walk(child, visit);
  });
}

/** The line, from 1, on which `node` starts, its doc comment not counted. */
export function lineOf(tree: SourceFile, node: Node): number {
  return lineAt(tree, node.getStart(tree));
}

/** The line, from 1, of a position in the text. */
export function lineAt(tree: SourceFile, position: number): number {
  return tree.getLineAndCharacterOfPosition(position).line + 1;
}

/** The text of `node`, on one line and cut to fit in a message. */
export function excerptOf(tree: SourceFile, node: Node): string {
  const text = node.getText(tree).replaceAll(/\s+/g, " ");
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
