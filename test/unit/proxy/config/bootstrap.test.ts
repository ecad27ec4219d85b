import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { clone, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { MeshError } from "../../../../api/errors.ts";
import { BootstrapSchema } from "../../../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { HttpConnectionManagerSchema } from "../../../../api/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import {
  mergeBootstrap,
  parseBootstrap,
  validateBootstrap,
} from "../../../../proxy/config/bootstrap.ts";
import { unpackAny } from "../../../../proxy/config/message/any-registry.ts";
import {
  CLUSTER,
  MANAGER,
  problemsOf,
  problemsOfText,
  sampleBootstrap,
  setAt,
} from "./sample-bootstrap.ts";

const SAMPLE = JSON.stringify(sampleBootstrap());

/** Most of what the table calls implemented or harmless, by example. */
const FULL = readFileSync(new URL("full-bootstrap.yaml", import.meta.url), "utf8");

function assertRefused(run: () => unknown, message: RegExp): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof MeshError);
    assert.equal(error.code, "CONFIG_INVALID");
    assert.match(error.message, message);
    return true;
  });
}

describe("bootstrap", () => {
  it("parseBootstrap: a valid text becomes the message that it describes", () => {
    const { staticResources, admin } = parseBootstrap(SAMPLE, { name: "a.json" });
    assert.equal(staticResources?.listeners[0].name, "main");
    assert.equal(staticResources.clusters[1].connectTimeout?.seconds, 1n);
    assert.equal(admin?.address?.address.case, "socketAddress");
  });

  it("parseBootstrap: the connection manager is there to be unpacked", () => {
    const { staticResources } = parseBootstrap(SAMPLE, { name: "a.yaml" });
    const filter = staticResources?.listeners[0].filterChains[0].filters[0];
    assert.ok(filter?.configType.case === "typedConfig");
    const manager = unpackAny(filter.configType.value, HttpConnectionManagerSchema);
    assert.equal(manager?.statPrefix, "ingress");
  });

  it("parseBootstrap: what the table calls implemented or harmless is taken", () => {
    assert.deepEqual(problemsOfText(FULL, "full.yaml"), []);
  });

  it("parseBootstrap: a number with a leading zero is octal, as for file modes", () => {
    const { admin } = parseBootstrap(FULL, { name: "full.yaml" });
    assert.ok(admin?.address?.address.case === "pipe");
    assert.equal(admin.address.address.value.mode, 0o600);
  });

  it("parseBootstrap: an empty text is an empty bootstrap", () => {
    const empty = toBinary(BootstrapSchema, parseBootstrap("", { name: "a.yaml" }));
    assert.equal(empty.length, 0);
  });

  it("parseBootstrap: a text that is no map is refused", () => {
    assert.deepEqual(problemsOfText("[]", "a.yaml"), ["expected a map of fields, found a list"]);
    assert.deepEqual(problemsOfText("3", "a.json"), ["expected a map of fields, found 3"]);
  });

  it("parseBootstrap: all kinds of problems are told together", () => {
    const bootstrap = sampleBootstrap();
    setAt(bootstrap, "foo", 1);
    setAt(bootstrap, `${MANAGER}.stat_prefix`, "");
    setAt(bootstrap, `${CLUSTER}.outlier_detection`, {});
    setAt(bootstrap, `${CLUSTER}.type`, "STRICT");
    const paths = problemsOf(bootstrap).map((problem) => problem.slice(0, problem.indexOf(": ")));
    const want = [
      `${CLUSTER}.type`,
      "foo",
      `${MANAGER}.stat_prefix`,
      `${CLUSTER}.outlier_detection`,
    ];
    assert.deepEqual(paths, want);
  });

  it("mergeBootstrap: single values are replaced and lists are joined", () => {
    const over = {
      node: { id: "two" },
      admin: { address: { socket_address: { port_value: 1234 } } },
      static_resources: { clusters: [{ name: "c" }] },
    };
    const { node, admin, staticResources } = mergeBootstrap([
      { name: "a.json", text: SAMPLE },
      { name: "--config-yaml", text: JSON.stringify(over) },
    ]);
    assert.equal(node?.id, "two");
    assert.ok(admin?.address?.address.case === "socketAddress");
    assert.equal(admin.address.address.value.address, "127.0.0.1");
    assert.equal(admin.address.address.value.portSpecifier.value, 1234);
    assert.deepEqual(
      staticResources?.clusters.map(({ name }) => name),
      ["a", "b", "c"],
    );
  });

  it("mergeBootstrap: a text may be incomplete, the whole may not", () => {
    const cluster = { static_resources: { clusters: [{ name: "a" }] } };
    const texts = [
      { name: "a.json", text: JSON.stringify(cluster) },
      { name: "--config-yaml", text: "static_resources: {clusters: [{name: a}]}" },
    ];
    assertRefused(
      () => mergeBootstrap(texts),
      /^a\.json with --config-yaml: static_resources\.clusters\[1\]\.name: .*duplicate cluster/,
    );
  });

  it("mergeBootstrap: a text that cannot be read is named", () => {
    const texts = [
      { name: "a.json", text: SAMPLE },
      { name: "--config-yaml", text: "foo: 1" },
    ];
    assertRefused(() => mergeBootstrap(texts), /^--config-yaml: foo: unknown field$/);
  });

  it("validateBootstrap: a message from the wire is checked like a text", () => {
    const bytes = toBinary(BootstrapSchema, parseBootstrap(FULL, { name: "full.yaml" }));
    const bootstrap = fromBinary(BootstrapSchema, bytes);
    validateBootstrap(bootstrap, { name: "wire" });
    const changed = clone(BootstrapSchema, bootstrap);
    changed.staticResources?.clusters.push(...changed.staticResources.clusters);
    assertRefused(() => validateBootstrap(changed, { name: "wire" }), /^wire: .*duplicate cluster/);
  });

  it("validateBootstrap: fields of a newer Envoy are refused by their number", () => {
    // Field 1000 with the varint 1.
    const bootstrap = fromBinary(BootstrapSchema, Uint8Array.of(0xc0, 0x3e, 1));
    assertRefused(
      () => validateBootstrap(bootstrap, { name: "wire" }),
      /unknown field of number 1000$/,
    );
  });

  it("validateBootstrap: an Any whose bytes are no message is refused", () => {
    const bootstrap = parseBootstrap(SAMPLE, { name: "a.json" });
    const filter = bootstrap.staticResources?.listeners[0].filterChains[0].filters[0];
    assert.ok(filter?.configType.case === "typedConfig");
    const value = Uint8Array.of(0x12, 0x7f);
    filter.configType.value = create(AnySchema, {
      typeUrl: filter.configType.value.typeUrl,
      value,
    });
    assertRefused(
      () => validateBootstrap(bootstrap, { name: "wire" }),
      /typed_config: the value is no valid/,
    );
  });
});
