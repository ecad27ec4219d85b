import assert from "node:assert/strict";
import { parseOptions } from "../../../bench/options.ts";

describe("bench/options", () => {
  it("parseOptions: without options all of it, three rounds", () => {
    const options = parseOptions([], "report");
    assert.equal(options.rounds, 3);
    assert.equal(options.outFolder, "report");
    assert.equal(options.ratePerSecond, null);
    assert.equal(options.idleConnectionCount, 5000);
    assert.ok(options.isPinned);
    assert.ok(options.caseNames.length > 10);
    assert.deepEqual(options.peerNames, ["causeway", "envoy", "nginx", "haproxy", "http-proxy"]);
  });

  it("parseOptions: names keep the order of the bench, given together or apart", () => {
    const args = ["--peers", "nginx,envoy", "--only", "memory", "--only", "router"];
    const options = parseOptions(args, "report");
    assert.deepEqual(options.peerNames, ["envoy", "nginx"]);
    assert.deepEqual(options.caseNames, ["router", "memory"]);
  });

  it("parseOptions: --smoke is short, and other options override it", () => {
    const options = parseOptions(["--smoke", "--rounds", "2"], "report");
    assert.equal(options.seconds, 1);
    assert.equal(options.warmupSeconds, 0);
    assert.equal(options.rounds, 2);
    assert.notEqual(options.outFolder, "report");
  });

  const refused = [
    { args: ["--peers", "traefik"], words: /--peers: traefik is not one of causeway/ },
    { args: ["--only", "tls"], words: /--only: tls is not one of router/ },
    { args: ["--rounds", "0"], words: /--rounds must be a whole number from 1 to 100/ },
    { args: ["--seconds", "1.5"], words: /--seconds must be a whole number/ },
    { args: ["--fast"], words: /--fast/ },
  ];
  for (const { args, words } of refused) {
    it(`parseOptions: ${args.join(" ")} is refused`, () => {
      assert.throws(() => parseOptions(args, "report"), words);
    });
  }
});
