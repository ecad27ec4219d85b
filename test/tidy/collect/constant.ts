import { type Node, NodeFlags, type SourceFile, type Statement } from "typescript/unstable/ast";
import {
  isArrayLiteralExpression,
  isBinaryExpression,
  isIdentifier,
  isImportDeclaration,
  isNumericLiteral,
  isParenthesizedExpression,
  isPrefixUnaryExpression,
  isStringLiteral,
  isVariableStatement,
} from "typescript/unstable/ast/is";
import { excerptOf, lineOf } from "./node.ts";

/** A statement that is not an untyped constant. */
export interface ConstantFault {
  readonly line: number;
  readonly excerpt: string;
}

/**
 * Finds the statements that are neither imports nor `const NAME = <constant>`. A constant is
 * arithmetic on whole numbers and names, a string, or an array of constants.
 */
export function collectConstantFaults(tree: SourceFile): ConstantFault[] {
  return tree.statements
    .filter((statement) => !isImportDeclaration(statement) && !isConstant(statement))
    .map((statement) => ({ line: lineOf(tree, statement), excerpt: excerptOf(tree, statement) }));
}

function isConstant(statement: Statement): boolean {
  if (!isVariableStatement(statement)) return false;
  const { declarationList } = statement;
  if ((declarationList.flags & NodeFlags.Const) === 0) return false;
  return declarationList.declarations.every(
    ({ type, initializer }) =>
      type === undefined && initializer !== undefined && isLiteral(initializer),
  );
}

function isLiteral(node: Node): boolean {
  if (isArrayLiteralExpression(node)) return node.elements.every(isLiteral);
  return isStringLiteral(node) || isArithmetic(node);
}

function isArithmetic(node: Node): boolean {
  if (isNumericLiteral(node)) return !node.text.includes(".");
  if (isParenthesizedExpression(node)) return isArithmetic(node.expression);
  if (isPrefixUnaryExpression(node)) return isArithmetic(node.operand);
  if (isBinaryExpression(node)) return isArithmetic(node.left) && isArithmetic(node.right);
  return isIdentifier(node);
}
