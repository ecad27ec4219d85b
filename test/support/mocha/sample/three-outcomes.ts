import { skipFor } from "../skip.ts";

describe("three outcomes", () => {
  it("sample: passes", () => {});

  it("sample: fails", () => {
    throw new Error("on purpose");
  });

  it("sample: is skipped", function () {
    skipFor(this, "needs a moon: wait for the night");
  });
});
