import { get, post, raw } from "../pair/request.ts";
import type { Json } from "../pair/configuration.ts";
import { answer, ask, type Scenario, serve } from "./scenario.ts";

const INSIDE = "x-forwarded-for: 10.0.0.1";
const SHORT = "0.2s";

const manager: Json = {
  internal_address_config: { cidr_ranges: [{ address_prefix: "10.0.0.0", prefix_len: 8 }] },
};

const unanswered = (name: string, header: string, action: Json = {}): Scenario => ({
  name,
  manager,
  action,
  play: (stage) => ask(stage, get("/", INSIDE, header)),
});

/** Requests from inside, whose headers may say how long to wait. */
export const INTERNAL_SCENARIOS: readonly Scenario[] = [
  {
    name: "internal",
    manager,
    async play(stage) {
      serve(stage, answer(200));
      await ask(stage, get("/", INSIDE));
      await ask(stage, post("/", "hello", INSIDE));
    },
  },
  {
    name: "internal-error",
    manager,
    async play(stage) {
      serve(stage, answer(500));
      await ask(stage, get("/", INSIDE));
    },
  },
  unanswered("internal-timeout", "x-envoy-upstream-rq-timeout-ms: 50"),
  unanswered("internal-per-try-timeout", "x-envoy-upstream-rq-per-try-timeout-ms: 50"),
  unanswered("internal-stream-duration", "x-envoy-upstream-stream-duration-ms: 50"),
  unanswered("internal-alt-response", "x-envoy-upstream-rq-timeout-alt-response: 1", {
    timeout: SHORT,
  }),
  {
    name: "internal-grpc-timeout",
    manager,
    action: { timeout: SHORT },
    play: (stage) => {
      const kind = ["content-type: application/grpc", "content-length: 0"];
      return ask(stage, raw("POST / HTTP/1.1", "host: a.test", INSIDE, ...kind));
    },
  },
  {
    name: "internal-bad-header",
    manager,
    router: { strict_check_headers: ["x-envoy-max-retries"] },
    play: (stage) => ask(stage, get("/", INSIDE, "x-envoy-max-retries: many")),
  },
];
