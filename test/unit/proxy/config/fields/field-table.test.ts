import assert from "node:assert/strict";
import type { DescMessage } from "@bufbuild/protobuf";
import {
  DiscoveryResponseSchema,
  ResourceSchema,
} from "../../../../../api/gen/envoy/service/discovery/v3/discovery_pb.js";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { BootstrapSchema } from "../../../../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { ClusterSchema } from "../../../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import type { FieldStatus } from "../../../../../proxy/config/fields/field-status.ts";
import {
  EXTENSION_REGISTRY,
  FIELD_AREAS,
  statusOf,
} from "../../../../../proxy/config/fields/field-table.ts";

const messages = FIELD_AREAS.flatMap((area) => area.messages);

/** The types that a field of this status leads to, apart from the type of the field itself. */
function typesOf(status: FieldStatus): readonly DescMessage[] {
  return status.kind === "extension" ? status.types : [];
}

/** The messages that a bootstrap may hold without being refused or ignored. */
function collectReachable(): Set<DescMessage> {
  const reachable = new Set<DescMessage>([BootstrapSchema]);
  // A set hands out what is added to it while it is walked.
  for (const desc of reachable) {
    for (const field of desc.fields) {
      const status = statusOf(desc, field.name);
      if (status === null || status.kind === "harmless") continue;
      for (const type of typesOf(status)) reachable.add(type);
      if (field.message !== undefined && status.kind !== "extension") reachable.add(field.message);
    }
  }
  return reachable;
}

describe("field table", () => {
  it("field table: every name in the table is the name of a field in the .proto file", () => {
    for (const { desc, statuses } of messages) {
      const names = new Set(desc.fields.map(({ name }) => name));
      for (const name of statuses.keys()) assert.ok(names.has(name), `${desc.typeName}.${name}`);
    }
  });

  it("field table: every enum value in the table is a value of that enum", () => {
    for (const { desc, statuses } of messages) {
      for (const field of desc.fields) {
        const status = statuses.get(field.name);
        if (status?.kind !== "values") continue;
        const names = field.enum?.values.map(({ name }) => name) ?? [];
        for (const name of status.names) assert.ok(names.includes(name), `${field}: ${name}`);
      }
    }
  });

  it("field table: every field that is refused in one place only is implemented elsewhere", () => {
    for (const { desc, statuses } of messages) {
      for (const field of desc.fields) {
        const status = statuses.get(field.name);
        if (status?.kind !== "narrowed") continue;
        for (const name of status.refused) {
          const inner = field.message?.fields.find((candidate) => candidate.name === name);
          assert.notEqual(inner, undefined, `${field}.${name}`);
        }
      }
    }
  });

  it("field table: no message stands in the table twice", () => {
    const names = messages.map(({ desc }) => desc.typeName);
    assert.equal(new Set(names).size, names.length);
  });

  it("field table: every message that can be reached has its statuses", () => {
    const known = new Set(messages.map(({ desc }) => desc.typeName));
    for (const desc of collectReachable()) {
      const isValue = isWrapperDesc(desc) || desc.file.proto.package === "google.protobuf";
      assert.ok(isValue || known.has(desc.typeName), desc.typeName);
    }
  });

  it("field table: every message in the table can be reached", () => {
    const reachable = collectReachable();
    // They stand in files of secrets.
    reachable.add(DiscoveryResponseSchema).add(ResourceSchema);
    const idle = messages.filter(({ desc }) => !reachable.has(desc));
    assert.deepEqual(
      idle.map(({ desc }) => desc.typeName),
      [],
    );
  });

  it("field table: every reason is a sentence", () => {
    for (const { statuses } of messages) {
      for (const status of statuses.values()) {
        if (status.kind === "harmless") assert.match(status.reason, /^[A-Z].*\.$/);
      }
    }
  });

  it("statusOf: a field that is not in the table is not implemented", () => {
    assert.equal(statusOf(ClusterSchema, "outlier_detection"), null);
    assert.equal(statusOf(ClusterSchema, "name")?.kind, "implemented");
  });

  it("EXTENSION_REGISTRY: finds types by the name behind the slash", () => {
    const name = "envoy.extensions.filters.http.router.v3.Router";
    assert.equal(EXTENSION_REGISTRY.find(`type.googleapis.com/${name}`)?.typeName, name);
    assert.equal(EXTENSION_REGISTRY.find(name)?.typeName, name);
    assert.equal(EXTENSION_REGISTRY.find("type.googleapis.com/envoy.config.Unheard"), null);
  });
});
