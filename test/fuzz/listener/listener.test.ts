import assert from "node:assert/strict";
import { fuzz } from "../run.ts";
import { CLIENT_HELLO_TARGET } from "./client-hello.ts";
import { PROXY_HEADER_TARGET } from "./proxy-header.ts";

/** About two seconds. */
const RUNS = 3000;

describe("fuzz listener filters", () => {
  for (const target of [CLIENT_HELLO_TARGET, PROXY_HEADER_TARGET]) {
    it(`fuzz: ${target.name} has one outcome however it is split`, async function () {
      this.timeout(60_000);
      const { runs, failure } = await fuzz(target, 1, (count) => count >= RUNS);
      if (failure !== null)
        throw new Error(failure.input.toString("hex"), { cause: failure.error });
      assert.equal(runs, RUNS);
    });
  }
});
