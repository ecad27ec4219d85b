import { LOG_LEVELS } from "../../observe/log.ts";
import type { LogLevel } from "../../observe/log-pattern.ts";
import { AdminProblem } from "../reply.ts";
import type { AdminSource } from "../source.ts";

/** A change of levels: one logger, or all without a name. */
interface LevelChange {
  readonly level: LogLevel;
  readonly name?: string;
}

/**
 * Does what `/logging` asks and lists the loggers. Either all of the request takes effect or, when
 * something in it is wrong, nothing.
 *
 * @throws AdminProblem with Envoy's usage text.
 */
export function changeLogging(parameters: URLSearchParams, source: AdminSource): string {
  try {
    const changes = parseChanges(parameters, new Set(source.logLevels().keys()));
    for (const { level, name } of changes) source.setLogLevel(level, name);
  } catch (error) {
    if (!(error instanceof LoggingProblem)) throw error;
    throw new AdminProblem(`error: ${error.message}\n\n${USAGE}${formatLevels(source)}`);
  }
  return formatLevels(source);
}

class LoggingProblem extends Error {}

function parseChanges(
  parameters: URLSearchParams,
  names: ReadonlySet<string>,
): readonly LevelChange[] {
  // A form sends every one of its fields, also those left empty.
  const given = [...parameters].filter(([, value]) => value !== "");
  if (given.length === 0) return [];
  if (given.length > 1) throw new LoggingProblem("invalid number of parameters");
  const [[key, value]] = given;
  if (key === "level") return [{ level: parseLevel(value) }];
  if (key === "group") throw new LoggingProblem("groups of loggers are not implemented");
  if (key !== "paths") return [parseChange(key, value, names)];
  return value.split(",").map((pair) => {
    const at = pair.lastIndexOf(":");
    if (at < 0) throw new LoggingProblem("unable to parse the path and level");
    return parseChange(pair.slice(0, at), pair.slice(at + 1), names);
  });
}

function parseChange(name: string, level: string, names: ReadonlySet<string>): LevelChange {
  const change = { name, level: parseLevel(level) };
  if (!names.has(name)) throw new LoggingProblem("unknown logger name");
  return change;
}

function parseLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  if (level === undefined) throw new LoggingProblem("unknown logger level");
  return level;
}

function formatLevels(source: AdminSource): string {
  const lines = [...source.logLevels()].map(([name, level]) => `  ${name}: ${level}\n`);
  return `active loggers:\n${lines.join("")}\n`;
}

const USAGE = `usage: /logging?<name>=<level> (change single level)
usage: /logging?paths=name1:level1,name2:level2,... (change multiple levels)
usage: /logging?level=<level> (change all levels)
levels: ${LOG_LEVELS.join(" ")}
`;
