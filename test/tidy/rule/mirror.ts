import { posix } from "node:path";
import { type Project, resolveImport } from "../project.ts";
import type { Exception, Finding, Rule } from "../rule.ts";
import type { Source } from "../source.ts";

/** Folders in which each file that does something has its own unit test. */
const TESTED_FOLDER = /^(api|cli|control|filters|proxy|wasm-plugins)\//;

/** Where the tests stand, in the same folders as the sources. */
const TEST_FOLDER = "test/unit/";

const TEST_NAME = /^test\/unit\/(.+?)(\.[\w-]+)?\.test\.ts$/;

/** Where guests are tested: a test cannot import them, so it compiles a module that does. */
const GUEST_TEST_FOLDER = "test/unit/filters/";

/** A guest file in the text of such a module. */
const GUEST_NAME = /["'](?:\.\/)?(filters\/[\w/-]+)(?:\.ts)?["']/g;

/** Files that another test shows in full, and which. */
const SHOWN_ELSEWHERE: readonly Exception[] = [
  {
    kind: "untested",
    path: "proxy/compiler/compile-main.ts",
    reason: "the program of the process that compiler.test.ts starts",
  },
  {
    kind: "untested",
    path: "filters/route/upgrade.ts",
    reason: "test/e2e/upgrade/tunnel-limits.test.ts has the table of what is allowed",
  },
  {
    kind: "untested",
    path: "proxy/config/compile/http/http-connection-manager-parts.ts",
    reason: "test/unit/proxy/config/compile/snapshot.test.ts compiles whole configurations",
  },
  {
    kind: "untested",
    path: "proxy/config/compile/routes.ts",
    reason: "test/unit/proxy/config/compile/snapshot.test.ts compiles whole configurations",
  },
  {
    kind: "untested",
    path: "proxy/cluster/attempt-note.ts",
    reason: "test/differential/tcp/tcp.test.ts shows the access log of every kind of attempt",
  },
  {
    kind: "untested",
    path: "filters/stream/tcp/tcp-state.ts",
    reason: "test/differential/tcp/tcp.test.ts shows the lines of tunnels and of failed attempts",
  },
  {
    kind: "untested",
    path: "proxy/tcp/tcp-connection.ts",
    reason: "test/e2e/tcp plays connections from beginning to end",
  },
  {
    kind: "untested",
    path: "proxy/tcp/upstream-attempts.ts",
    reason: "test/differential/tcp/tcp.test.ts plays every kind of attempt",
  },
  {
    kind: "untested",
    path: "proxy/tcp/reply-connection.ts",
    reason: "test/e2e/tcp/filters.test.ts plays echo and direct_response",
  },
  {
    kind: "untested",
    path: "filters/grpc/grpc-reply.ts",
    reason: "test/differential/grpc/local-reply.test.ts has the table of what is answered",
  },
  {
    kind: "untested",
    path: "filters/filter-state/find-state.ts",
    reason: "filter-state.test.ts in test/differential/waypoint look in both places",
  },
];

/**
 * Each source has a unit test at the same place under `test/unit`, or is a part of one that has: a
 * tested file in its own folder or above imports it. Each unit test has a source. A guest is also
 * tested where a unit test compiles a module that names it.
 */
export const mirror: Rule = {
  name: "mirror",
  exceptions: SHOWN_ELSEWHERE,
  find(project) {
    return [...findUntested(project), ...findOrphans(project)];
  },
};

/** Paths of the sources that have a unit test, and of the parts that are tested through them. */
function collectTested({ sources }: Project): Set<string> {
  const names = new Set([...sources.values()].flatMap(testedNames));
  const tested = new Set([...sources.keys()].filter((path) => names.has(nameOf(path))));
  // A set hands out what is added to it while it is walked, so this follows imports to their end.
  for (const path of tested) {
    const folder = `${posix.dirname(path)}/`;
    for (const { specifier } of sources.get(path)?.imports ?? []) {
      const part = resolveImport(path, specifier);
      if (part?.startsWith(folder) === true && sources.has(part)) tested.add(part);
    }
  }
  return tested;
}

/** The sources, without their endings, that `source` tests by itself. */
function testedNames({ path, lines }: Source): string[] {
  const own = TEST_NAME.exec(path)?.[1];
  const names = own === undefined ? [] : [own];
  if (!path.startsWith(GUEST_TEST_FOLDER)) return names;
  const guests = lines.join("\n").matchAll(GUEST_NAME);
  return [...names, ...Array.from(guests, ([, name]) => name)];
}

function findUntested(project: Project): Finding[] {
  const tested = collectTested(project);
  return [...project.sources.values()]
    .filter((source) => TESTED_FOLDER.test(source.path) && hasBehaviour(source))
    .filter(({ path }) => !tested.has(path))
    .map(({ path }) => {
      const advice =
        `has no test; write ${TEST_FOLDER}${nameOf(path)}.test.ts, ` +
        "or name the test that shows it in test/tidy/rule/mirror.ts";
      return { path, line: 1, kind: "untested", advice };
    });
}

function findOrphans({ sources }: Project): Finding[] {
  const names = new Set([...sources.keys()].map(nameOf));
  const isFolder = (name: string) => [...names].some((path) => path.startsWith(`${name}/`));
  return [...sources.keys()].flatMap((path): Finding[] => {
    const name = TEST_NAME.exec(path)?.[1];
    if (name === undefined || names.has(name) || isFolder(name)) return [];
    const advice = `tests ${name}.ts, which is not there; move the test to where its source went`;
    return [{ path, line: 1, kind: "orphan", advice }];
  });
}

/** Declarations, constants and tables do nothing by themselves; their users' tests show them. */
function hasBehaviour({ path, functions }: Source): boolean {
  return functions.length > 0 && !path.endsWith(".d.ts");
}

function nameOf(path: string): string {
  return path.replace(/\.(ts|mjs)$/, "");
}
