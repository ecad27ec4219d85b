import type { Project } from "../project.ts";
import type { Finding, Rule } from "../rule.ts";
import type { Source } from "../source.ts";

const COLLECTS = "it collects whatever has no home; name the thing that is inside";

/** Words that no file, folder or type may have anywhere in its name, with what to do instead. */
const FORBIDDEN_ANYWHERE: Readonly<Record<string, string>> = {
  util: COLLECTS,
  utils: COLLECTS,
  helper: COLLECTS,
  helpers: COLLECTS,
  common: COLLECTS,
  misc: COLLECTS,
  manager: "say what it does: opens, picks, keeps, counts",
  handler: "say of what, as a verb: onRequestHeaders, answerHealthCheck",
  impl: "name the implementation by what sets it apart",
  wrapper: "name what it adds to the thing inside",
};

/** Words that may not be the whole of a name. */
const FORBIDDEN_ALONE: Readonly<Record<string, string>> = {
  shared: COLLECTS,
  core: COLLECTS,
  data: "say which data",
  info: "say which facts",
  object: "say what it is",
  base: "name what the kinds have in common",
  context: "say what surrounds what: TlsContext",
  service: "a service is Kubernetes' word; say cluster, or name the program",
  state: "give it a subject: StreamState",
};

/** Words that may not end the name of a type, since all they say is "a thing". */
const FORBIDDEN_ENDS: ReadonlySet<string> = new Set(["base", "context", "info", "object"]);

/** Envoy's and the platform's own names, which win. */
const OWN_NAMES: readonly RegExp[] = [
  /^HttpConnectionManager/,
  /(Tls|Wasm)Context$/,
  /ServerInfo$/,
  /(^|\/)http-connection-manager/,
];

/** Where our words for the parts of a mesh count. */
const MESH_FOLDER = /^(api|cli|control|filters|proxy|wasm-plugins)\//;

/** Words of other vocabularies as whole exported names, with ours. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  caller: "downstream",
  client: "downstream",
  frontend: "downstream",
  backend: "upstream or cluster",
  origin: "upstream",
  middleware: "filter",
  interceptor: "filter",
  host: "endpoint, authority, hostname, or the proxy that runs a guest",
  instance: "endpoint",
  peer: "endpoint, downstream or upstream",
  session: "connection or stream",
  channel: "connection or stream",
  packet: "frame, message or event",
  container: "workload",
  realm: "trustDomain",
};

/** Abbreviations in exported names, with the whole word. */
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  addr: "address",
  buf: "buffer or bytes",
  cfg: "config",
  conn: "connection",
  ctx: "context",
  hdr: "header",
  idx: "index",
  mgr: "manager, and then another word",
  msg: "message",
  req: "request",
  resp: "response",
};

const UNFINISHED = /\b(TODO|FIXME|XXX)\b/;

/** Names say what a thing is, in our own words, and nothing is left for later in a comment. */
export const words: Rule = {
  name: "words",
  exceptions: [],
  find: (project) => [
    ...findPaths(project),
    ...[...project.sources.values()].flatMap((source) => findInFile(source)),
  ],
};

function findPaths({ listing }: Project): Finding[] {
  const findings: Finding[] = [];
  const told = new Set<string>();
  for (const path of listing) {
    const parts = path.split("/");
    for (const [index, part] of parts.entries()) {
      const upTo = parts.slice(0, index + 1).join("/");
      const name = index === parts.length - 1 ? (part.split(".")[0] ?? part) : part;
      const advice = told.has(upTo) ? null : nameAdvice(name, name.split("-"));
      told.add(upTo);
      if (advice === null || isOwnName(upTo)) continue;
      findings.push({ path: upTo, line: 1, kind: "path", advice: `"${name}": ${advice}` });
    }
  }
  return findings;
}

function findInFile(source: Source): Finding[] {
  const { path } = source;
  const types = source.typeNames.flatMap(({ name, line }): Finding[] => {
    const advice = isOwnName(name) ? null : typeAdvice(name);
    return advice === null ? [] : [{ path, line, kind: "type", advice: `"${name}": ${advice}` }];
  });
  const unfinished = source.comments.flatMap(({ line, text }): Finding[] => {
    const mark = UNFINISHED.exec(text)?.[0];
    if (mark === undefined) return [];
    const advice = `${mark}: do it now, or open an issue and delete the comment`;
    return [{ path, line, kind: "unfinished", advice }];
  });
  return [...types, ...unfinished, ...findExports(source)];
}

function findExports({ path, exports }: Source): Finding[] {
  if (!MESH_FOLDER.test(path)) return [];
  return exports.flatMap(({ name, line }): Finding[] => {
    const ours = OTHER_WORDS[name.toLowerCase()];
    if (ours !== undefined) {
      return [{ path, line, kind: "glossary", advice: `"${name}": say ${ours}` }];
    }
    const short = wordsOf(name).find((word) => word in ABBREVIATIONS);
    if (short === undefined) return [];
    const advice = `"${name}": write ${ABBREVIATIONS[short]} instead of ${short}`;
    return [{ path, line, kind: "abbreviation", advice }];
  });
}

function typeAdvice(name: string): string | null {
  const parts = wordsOf(name);
  const last = parts.at(-1) ?? "";
  if (FORBIDDEN_ENDS.has(last)) return FORBIDDEN_ALONE[last] ?? null;
  return nameAdvice(name.toLowerCase(), parts);
}

function nameAdvice(whole: string, parts: readonly string[]): string | null {
  const word = parts.find((part) => part in FORBIDDEN_ANYWHERE);
  return FORBIDDEN_ANYWHERE[word ?? ""] ?? FORBIDDEN_ALONE[whole] ?? null;
}

/** The words of a camelCase, PascalCase or UPPER_SNAKE name, in lower case. */
function wordsOf(name: string): string[] {
  const spaced = name.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2");
  return spaced.toLowerCase().split(/[^a-z0-9]+/);
}

function isOwnName(name: string): boolean {
  return OWN_NAMES.some((pattern) => pattern.test(name));
}
