import assert from "node:assert/strict";
import { COMMANDS } from "../../../../cli/dispatch.ts";
import { formatCommandHelp, formatOverview } from "../../../../cli/line/help.ts";

/** Flags of Envoy that the proxy must take, as `envoy --help` writes them. */
const ENVOY_FLAGS = [
  "-c FILE, --config-path FILE",
  "--config-yaml YAML",
  "--mode WORD",
  "--concurrency N",
  "--log-level WORD",
  "--log-format PATTERN",
  "--drain-time-s N",
  "--parent-shutdown-time-s N",
  "--base-id N",
  "--service-node ID",
  "--service-cluster NAME",
  "--version",
];

describe("help", () => {
  for (const command of COMMANDS) {
    it(`formatCommandHelp: ${command.name} explains every flag, with its default`, () => {
      const help = formatCommandHelp(command).replace(/\s+/g, " ");
      for (const flag of command.flags) {
        assert.ok(help.includes(`--${flag.long}`), flag.long);
        assert.ok(help.includes(flag.help.replace(/\s+/g, " ")), flag.long);
        if (flag.default !== undefined) {
          assert.ok(help.includes(`Default: ${flag.default}.`), flag.long);
        }
      }
      assert.ok(help.includes("-h, --help"));
    });

    it(`formatCommandHelp: ${command.name} fits a terminal of 88 columns`, () => {
      for (const line of formatCommandHelp(command).split("\n")) assert.ok(line.length <= 88, line);
    });

    it(`formatOverview: lists ${command.name}`, () => {
      assert.match(formatOverview(COMMANDS), new RegExp(`^  ${command.name} +\\S`, "m"));
    });
  }

  it("formatCommandHelp: proxy has Envoy's flags with Envoy's spellings", () => {
    const proxy = COMMANDS.find(({ name }) => name === "proxy");
    assert.ok(proxy);
    const help = formatCommandHelp(proxy);
    for (const flag of ENVOY_FLAGS) assert.ok(help.includes(flag), flag);
  });
});
