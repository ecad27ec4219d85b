import type { Finding, Rule } from "../rule.ts";
import type { Source } from "../source.ts";

/** A subject, a colon, and a fact: "readFrameHeader: reserved bit is dropped". */
const SENTENCE = /^[^:]*\S: \S/;

const TEST_FILE = /\.test\.ts$/;

/** Each export tells what it is, each test what it shows. */
export const docs: Rule = {
  name: "docs",
  exceptions: [],
  find: (project) =>
    [...project.sources.values()].flatMap((source) => [
      ...findExports(source),
      ...(TEST_FILE.test(source.path) ? findTitles(source) : []),
    ]),
};

function findExports({ path, exports }: Source): Finding[] {
  return exports
    .filter(({ hasDoc }) => !hasDoc)
    .map(({ name, line }) => {
      const advice =
        `"${name}" has no doc comment; write what it is or does, units, range, who owns the ` +
        "result, what it throws, and the source";
      return { path, line, kind: "export", advice };
    });
}

function findTitles({ path, testTitles }: Source): Finding[] {
  return testTitles.flatMap(({ line, text, isOnly }): Finding[] => {
    const only = { path, line, kind: "only", advice: "remove .only, or the other tests never run" };
    if (text !== null && SENTENCE.test(text)) return isOnly ? [only] : [];
    const shown = text === null ? "the title" : `"${text}"`;
    const advice = `${shown} is no sentence; write "subject: fact in words"`;
    return [...(isOnly ? [only] : []), { path, line, kind: "title", advice }];
  });
}
