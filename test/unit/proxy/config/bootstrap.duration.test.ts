import assert from "node:assert/strict";
import {
  CLUSTER,
  HOST,
  HTTP_OPTIONS,
  MANAGER,
  problemsOf,
  sampleBootstrap,
  setAt,
  typeUrl,
} from "./sample-bootstrap.ts";

const OPTIONS = `${CLUSTER}.typed_extension_protocol_options["${HTTP_OPTIONS}"]`;
const LISTENER = "static_resources.listeners[0]";

/** Durations that have no rule of their own in the .proto files. */
const FREE: readonly string[] = [
  `${HOST}.routes[0].route.timeout`,
  `${HOST}.routes[0].route.idle_timeout`,
  `${HOST}.routes[0].route.max_stream_duration.max_stream_duration`,
  `${MANAGER}.stream_idle_timeout`,
  `${MANAGER}.request_timeout`,
  `${MANAGER}.drain_timeout`,
  `${MANAGER}.delayed_close_timeout`,
  `${MANAGER}.common_http_protocol_options.idle_timeout`,
  `${MANAGER}.common_http_protocol_options.max_connection_duration`,
  `${OPTIONS}.common_http_protocol_options.idle_timeout`,
  `${OPTIONS}.common_http_protocol_options.max_connection_duration`,
  `${LISTENER}.filter_chains[0].transport_socket_connect_timeout`,
  `${LISTENER}.listener_filters_timeout`,
];

const POSITIVE = "Invalid duration: Expected positive duration:";
const RANGE = "Invalid duration: Duration out-of-range:";

/** A duration, and what Envoy says of it anywhere. */
const rows: readonly { readonly value: string; readonly want: string | null }[] = [
  { value: "0s", want: null },
  { value: "9223372035.999999999s", want: null },
  { value: "-1s", want: `${POSITIVE} -1s` },
  { value: "-0.5s", want: `${POSITIVE} -0.5s` },
  { value: "-0.000000001s", want: `${POSITIVE} -1e-9s` },
  { value: "9223372036s", want: `${RANGE} 9223372036s` },
];

describe("bootstrap, durations", () => {
  for (const { value, want } of rows) {
    it(`parseBootstrap: a duration of ${value} is ${want === null ? "taken" : "refused"}`, () => {
      for (const at of FREE) {
        const reasons = want === null ? [] : [`${at}: ${want}`];
        assert.deepEqual(problemsWith(at, value), reasons, at);
      }
    });
  }

  it("parseBootstrap: a duration that breaks a rule of its field is told once", () => {
    const at = `${CLUSTER}.connect_timeout`;
    assert.deepEqual(problemsWith(at, "-1s"), [`${at}: value must be greater than 0s`]);
    assert.deepEqual(problemsWith(at, "9223372036s"), [`${at}: ${RANGE} 9223372036s`]);
  });
});

function problemsWith(at: string, value: string): string[] {
  const bootstrap = sampleBootstrap();
  if (at.startsWith(OPTIONS)) {
    const codec = { http_protocol_options: {} };
    setAt(bootstrap, OPTIONS, { "@type": typeUrl(HTTP_OPTIONS), explicit_http_config: codec });
  }
  setAt(bootstrap, at, value);
  return problemsOf(bootstrap);
}
