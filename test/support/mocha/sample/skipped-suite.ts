import { skipFor } from "../skip.ts";

describe("skipped suite", () => {
  before(function () {
    skipFor(this, "needs a sun: wait for the day");
  });

  it("sample: never runs", () => {
    throw new Error("unreachable");
  });
});
