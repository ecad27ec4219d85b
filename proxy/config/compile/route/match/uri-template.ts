/**
 * URI templates (`envoy.path.match.uri_template` and its rewrite) as regular expressions, as Envoy
 * does it: `*` is one path segment, `**` any number of them, `{name}` and `{name=…}` are captured.
 */

/** What a literal may hold: pchar of RFC 3986 but for `*`, which a glob takes too. */
const SEGMENT = "a-zA-Z0-9-._~%!$&'()+,;:@=";
const LITERAL = new RegExp(`^[${SEGMENT}]+$`);
const REWRITE_LITERAL = new RegExp(`^[${SEGMENT}/]+$`);
const PATH_GLOB = `[${SEGMENT}*]+`;
const VARIABLE_NAME = /^[a-zA-Z][a-zA-Z0-9_]*$/;
/** Most variables in a template, and characters in the name of one. */
const VARIABLES_MAX = 5;
const VARIABLE_NAME_LENGTH_MAX = 16;

/** A template that is malformed. The message is Envoy's. */
export class UriTemplateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UriTemplateError";
  }
}

/** A piece of a template. A variable has the pieces that its value is made of. */
type Piece =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "glob"; readonly isText: boolean }
  | { readonly kind: "variable"; readonly name: string; readonly pieces: readonly Piece[] };

/** A template as a regular expression. */
export interface UriTemplate {
  readonly pattern: string;
  /** Names of the variables; the place of a name plus one is its group. */
  readonly variables: readonly string[];
  /** The text that every match begins with. */
  readonly prefix: string;
}

/** Reads a template. */
export function parseUriTemplate(template: string): UriTemplate {
  if (!/^\/[!-~]*$/.test(template)) fail(`Invalid pattern: "${template}"`);
  const pieces: Piece[] = [];
  for (let rest = template; rest !== ""; ) {
    const [piece, length] = rest.startsWith("{") ? readVariable(rest) : readPlain(rest);
    pieces.push(piece);
    rest = rest.slice(length);
  }
  const variables = variableNames(pieces);
  checkGlobs(pieces);
  checkSlashes(pieces);
  return { pattern: pieces.map(toPattern).join(""), variables, prefix: prefixOf(pieces) };
}

/** Turns a rewrite template into a substitution for the expression of the template it goes with. */
export function parseUriRewrite(rewrite: string, variables: readonly string[]): string {
  if (!rewrite.startsWith("/")) fail("Invalid rewrite variable placement");
  if (rewrite.includes("//")) fail("Invalid rewrite literal");
  let substitution = "";
  for (let rest = rewrite; rest !== ""; ) {
    const open = rest.indexOf("{");
    const literal = open < 0 ? rest : rest.slice(0, open);
    if (literal !== "" && !REWRITE_LITERAL.test(literal)) fail("Invalid rewrite literal pattern");
    substitution += literal;
    if (open < 0) break;
    const close = rest.indexOf("}", open);
    if (close < 0) fail("Unmatched variable bracket");
    const name = rest.slice(open + 1, close);
    if (!VARIABLE_NAME.test(name)) fail("Invalid variable name");
    const place = variables.indexOf(name);
    if (place < 0) fail("Nonexisting variable name");
    substitution += `\\${place + 1}`;
    rest = rest.slice(close + 1);
  }
  return substitution;
}

function readPlain(text: string): [Piece, number] {
  if (text.startsWith("**")) return [{ kind: "glob", isText: true }, 2];
  if (text.startsWith("*")) return [{ kind: "glob", isText: false }, 1];
  if (text.startsWith("/")) return [{ kind: "literal", text: "/" }, 1];
  const literal = text.split("/", 1)[0].split("{", 1)[0];
  if (!LITERAL.test(literal)) fail(`Invalid literal: "${literal}"`);
  return [{ kind: "literal", text: literal }, literal.length];
}

function readVariable(text: string): [Piece, number] {
  const close = text.indexOf("}");
  if (close < 0) fail(`Unmatched variable bracket in "${text}"`);
  const inside = text.slice(1, close);
  const equals = inside.indexOf("=");
  const name = equals < 0 ? inside : inside.slice(0, equals);
  if (!VARIABLE_NAME.test(name)) fail(`Invalid variable name: "${name}"`);
  if (equals < 0) return [{ kind: "variable", name, pieces: [] }, close + 1];
  if (equals === inside.length - 1) fail("Empty variable match");
  const pieces: Piece[] = [];
  for (let rest = inside.slice(equals + 1); rest !== ""; ) {
    const isBehindGlob = pieces.at(-1)?.kind === "glob";
    if (isBehindGlob && !rest.startsWith("/")) {
      const rule = "path cannot directly be prepended by operator, is a slash missing?";
      fail(`Invalid variable match, ${rule}`);
    }
    const [piece, length] = readPlain(rest);
    pieces.push(piece);
    rest = rest.slice(length);
  }
  return [{ kind: "variable", name, pieces }, close + 1];
}

function variableNames(pieces: readonly Piece[]): string[] {
  const names: string[] = [];
  for (const piece of pieces) {
    if (piece.kind !== "variable") continue;
    const { name } = piece;
    if (names.length === VARIABLES_MAX) fail(`Exceeded variable count limit (${VARIABLES_MAX})`);
    if (name.length > VARIABLE_NAME_LENGTH_MAX) {
      const rule = `should be at least 1 and no more than ${VARIABLE_NAME_LENGTH_MAX}`;
      fail(`Invalid variable name length (length of "${name}" ${rule})`);
    }
    if (names.includes(name)) fail(`Repeated variable name: "${name}"`);
    names.push(name);
  }
  return names;
}

/** Behind `**` there may be no further glob. */
function checkGlobs(pieces: readonly Piece[]): void {
  let hasText = false;
  for (const piece of pieces) {
    if (piece.kind === "variable" && piece.pieces.length === 0 && hasText) {
      fail("Implicit variable path glob after text glob.");
    }
    for (const glob of piece.kind === "variable" ? piece.pieces : [piece]) {
      if (glob.kind !== "glob") continue;
      if (hasText) fail("Glob after text glob.");
      hasText = glob.isText;
    }
  }
}

function checkSlashes(pieces: readonly Piece[]): void {
  let wasSlash = false;
  for (const piece of pieces) {
    const first = piece.kind === "variable" ? piece.pieces[0] : piece;
    const isSlash = first?.kind === "literal" && first.text === "/";
    if (wasSlash && isSlash) {
      fail("Double slashes (/) detected in uri_template, this is not allowed.");
    }
    wasSlash = isSlash;
  }
}

function toPattern(piece: Piece): string {
  switch (piece.kind) {
    case "literal":
      return piece.text.replace(/[$()+.]/g, "\\$&");
    case "glob":
      return piece.isText ? `[${SEGMENT}*/]*` : PATH_GLOB;
    case "variable": {
      const inside = piece.pieces.map(toPattern).join("");
      return `(${inside === "" ? PATH_GLOB : inside})`;
    }
  }
}

function prefixOf(pieces: readonly Piece[]): string {
  let prefix = "";
  for (const piece of pieces) {
    if (piece.kind !== "literal") break;
    prefix += piece.text;
  }
  return prefix;
}

function fail(message: string): never {
  throw new UriTemplateError(message);
}
