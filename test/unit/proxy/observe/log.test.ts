import assert from "node:assert/strict";
import { Log, LOG_LEVELS } from "../../../../proxy/observe/log.ts";

function openLog(options: { level?: "debug" | "off"; format?: string } = {}) {
  const lines: string[] = [];
  const format = options.format ?? "%l %n %v";
  const log = new Log({ ...options, format, write: (line) => lines.push(line), nowMs: () => 0 });
  return { log, lines };
}

describe("log", () => {
  it("Logger: a line has its level, its name and a newline", () => {
    const { log, lines } = openLog();
    log.logger("main").info("started");
    assert.deepEqual(lines, ["info main started\n"]);
  });

  it("Logger: levels below the set one are silent, the others are written", () => {
    const { log, lines } = openLog();
    const logger = log.logger("http");
    logger.trace("1");
    logger.debug("2");
    logger.info("3");
    logger.warning("4");
    logger.error("5");
    logger.critical("6");
    assert.deepEqual(lines, [
      "info http 3\n",
      "warning http 4\n",
      "error http 5\n",
      "critical http 6\n",
    ]);
  });

  it("Logger: off silences even critical", () => {
    const { log, lines } = openLog({ level: "off" });
    log.logger("main").critical("lost");
    assert.deepEqual(lines, []);
    assert.equal(log.logger("main").isEnabled("off"), false);
  });

  it("Log: setLevel of one logger leaves the others", () => {
    const { log, lines } = openLog();
    log.setLevel("debug", "upstream");
    log.logger("upstream").debug("seen");
    log.logger("main").debug("not seen");
    assert.deepEqual(lines, ["debug upstream seen\n"]);
    assert.deepEqual(
      [...log.levels()],
      [
        ["main", "info"],
        ["upstream", "debug"],
      ],
    );
  });

  it("Log: setLevel without a name reaches loggers of the past and of the future", () => {
    const { log } = openLog();
    const early = log.logger("early");
    log.setLevel("error");
    assert.equal(early.isEnabled("warning"), false);
    assert.equal(log.logger("late").isEnabled("warning"), false);
    assert.equal(log.logger("late").isEnabled("error"), true);
  });

  it("Log: %g and %! name the file and the function that wrote the line", () => {
    const { log, lines } = openLog({ format: "%g %! %#" });
    function writeHere(): void {
      log.logger("main").warning("here");
    }
    writeHere();
    assert.match(lines[0], /^test\/unit\/proxy\/observe\/log\.test\.ts writeHere [1-9]\d*\n$/);
  });

  it("LOG_LEVELS: the order is Envoy's", () => {
    assert.equal(LOG_LEVELS.join(" "), "trace debug info warning error critical off");
  });
});
