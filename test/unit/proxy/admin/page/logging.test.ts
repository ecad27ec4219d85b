import assert from "node:assert/strict";
import { changeLogging } from "../../../../../proxy/admin/page/logging.ts";
import { openSource } from "../scripted-source.ts";

const changes: readonly (readonly [query: string, calls: readonly string[], levels: string])[] = [
  ["", [], "  http: info\n  main: info\n"],
  ["paths=&level=", [], "  http: info\n  main: info\n"],
  ["level=debug", ["setLogLevel debug undefined"], "  http: debug\n  main: debug\n"],
  ["http=trace", ["setLogLevel trace http"], "  http: trace\n  main: info\n"],
  [
    "paths=http:off,main:error",
    ["setLogLevel off http", "setLogLevel error main"],
    "  http: off\n  main: error\n",
  ],
];

const problems: readonly (readonly [query: string, message: string])[] = [
  ["level=loud", "unknown logger level"],
  ["http=loud", "unknown logger level"],
  ["foo=debug", "unknown logger name"],
  ["paths=http:debug,foo:debug", "unknown logger name"],
  ["paths=http", "unable to parse the path and level"],
  ["level=debug&http=debug", "invalid number of parameters"],
  ["group=http:debug", "groups of loggers are not implemented"],
];

describe("changeLogging", () => {
  for (const [query, calls, levels] of changes) {
    it(`changeLogging: "${query}" sets what it says and lists the loggers`, () => {
      const source = openSource();
      const text = changeLogging(new URLSearchParams(query), source);
      assert.equal(text, `active loggers:\n${levels}\n`);
      assert.deepEqual(source.calls, calls);
    });
  }

  for (const [query, message] of problems) {
    it(`changeLogging: "${query}" is refused, and nothing changes`, () => {
      const source = openSource();
      assert.throws(
        () => changeLogging(new URLSearchParams(query), source),
        (error: unknown) => {
          assert.ok(error instanceof Error);
          assert.ok(
            error.message.startsWith(`error: ${message}\n\nusage: /logging?<name>=<level>`),
          );
          assert.match(error.message, /\nlevels: trace debug info warning error critical off\n/);
          return true;
        },
      );
      assert.deepEqual(source.calls, []);
    });
  }
});
