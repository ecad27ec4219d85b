import type { Finding, Rule } from "../rule.ts";
import type { Source } from "../source.ts";

const INSTEAD = {
  any: "use unknown and narrow it, or name the type",
  cast: "narrow with a check, type the source, or add this file to the list in rule/types.ts",
  "non-null": "test for null and say what happens then, or make the type exact",
};

/** Comments that switch a checker off. */
const SUPPRESSION = /@ts-(ignore|expect-error|nocheck)|\b(eslint-disable|biome-ignore)/;

/** In AssemblyScript `as` converts a value; it does not silence a checker. */
const GUEST_FOLDER = /^(filters|wasm-plugins)\//;

/** Only asc accepts decorators on functions; the comment tells editors so, and asc ignores it. */
const DECORATOR_COMMENT = "// @ts-ignore: decorator";

/** Nothing goes round the type checker, but in files named here. */
export const types: Rule = {
  name: "types",
  exceptions: [],
  find: (project) => [...project.sources.values()].flatMap((source) => findIn(source)),
};

function findIn({ path, unsafe, comments }: Source): Finding[] {
  const isGuest = GUEST_FOLDER.test(path);
  const ways = unsafe.flatMap(({ kind, line, excerpt }): Finding[] => {
    if (kind === "cast" && isGuest) return [];
    return [{ path, line, kind, advice: `"${excerpt}": ${INSTEAD[kind]}` }];
  });
  const suppressions = comments.flatMap(({ line, text }): Finding[] => {
    const mark = SUPPRESSION.exec(text)?.[0];
    if (mark === undefined || (isGuest && text === DECORATOR_COMMENT)) return [];
    return [{ path, line, kind: "suppression", advice: `${mark}: mend what it hides` }];
  });
  return [...ways, ...suppressions];
}
