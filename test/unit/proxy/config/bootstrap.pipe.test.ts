import assert from "node:assert/strict";
import type { Row } from "./sample-bootstrap.ts";
import { CLUSTER, problemsOf, sampleBootstrap, setAt } from "./sample-bootstrap.ts";

const LISTENER = "static_resources.listeners[0]";

const rows: Row[] = [
  {
    name: "an abstract one",
    at: `${LISTENER}.address`,
    value: { pipe: { path: "@a" } },
    want: [],
  },
  {
    name: "a path of 107 bytes",
    at: `${LISTENER}.address`,
    value: { pipe: { path: `/${"ä".repeat(53)}`, mode: 384 } },
    want: [],
  },
  {
    name: "a mode where there is no file",
    at: `${LISTENER}.address`,
    value: { pipe: { path: "@a", mode: 384 } },
    want: [`${LISTENER}.address.pipe.mode: Cannot set mode for Abstract AF_UNIX sockets`],
  },
  {
    name: "a path of 108 bytes",
    at: `${LISTENER}.additional_addresses`,
    value: [{ address: { pipe: { path: `/${"ä".repeat(53)}x` } } }],
    want: [
      `${LISTENER}.additional_addresses[0].address.pipe.path: Path "/${"ä".repeat(53)}x" ` +
        "exceeds maximum UNIX domain socket path size of 108.",
    ],
  },
  {
    name: "a path with a zero byte, of an endpoint",
    at: `${CLUSTER}.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address`,
    value: { pipe: { path: "/run/a\0b" } },
    want: [
      `${CLUSTER}.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.pipe.path: ` +
        "UNIX domain socket pathname contains embedded null characters",
    ],
  },
  {
    name: "a long path of the admin interface",
    at: "admin.address",
    value: { pipe: { path: "a".repeat(108) } },
    want: [
      `admin.address.pipe.path: Path "${"a".repeat(108)}" ` +
        "exceeds maximum UNIX domain socket path size of 108.",
    ],
  },
];

/** Unix sockets, in Envoy's words: a path of 107 bytes is the longest, tried with Envoy 1.40. */
describe("bootstrap: Unix sockets", () => {
  for (const { name, at, value, want } of rows) {
    it(`parseBootstrap: ${name} is ${want.length === 0 ? "taken" : "refused"}`, () => {
      const bootstrap = sampleBootstrap();
      setAt(bootstrap, at, value);
      assert.deepEqual(problemsOf(bootstrap), want);
    });
  }
});
