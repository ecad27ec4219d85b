import { ok, toBootstrap } from "../../support/proxy-sketch.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { assertNothingStays, SOAK_TIMEOUT_MS } from "../../support/soak.ts";
import { toHttp2Kinds } from "./http2-kinds.ts";

describe("leaks, HTTP/2 downstream", function () {
  this.timeout(SOAK_TIMEOUT_MS);

  it("streams and connections whole, given up, broken and floods: nothing stays", async () => {
    const upstream = await RawUpstream.listen();
    upstream.serve((head, up) => {
      if (head.includes("/gone")) return;
      up.write(ok("x".repeat(head.includes("/large") ? 200_000 : 3)));
    });
    await assertNothingStays({
      config: toBootstrap({ endpoints: [upstream.port] }),
      kinds: toHttp2Kinds,
      cost: 25,
      settle: () => upstream.cut(),
    });
    upstream.close();
  });
});
