import assert from "node:assert/strict";
import { ClusterSchema } from "../../../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import { RouteSchema } from "../../../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import { FieldRulesSchema } from "../../../../../api/gen/validate/validate_pb.js";
import {
  hasNoRules,
  isRequiredOneof,
  rulesOf,
} from "../../../../../proxy/config/rules/read-rules.ts";

describe("rules in descriptors", () => {
  it("rulesOf: the options of a field are read from the .proto file", () => {
    assert.equal(rulesOf(ClusterSchema.field.name)?.type.case, "string");
    assert.equal(rulesOf(RouteSchema.field.match)?.message?.required, true);
  });

  it("rulesOf: a field without rules has none", () => {
    assert.equal(rulesOf(ClusterSchema.field.altStatName), null);
  });

  it("isRequiredOneof: one of the actions of a route must be set", () => {
    const [action] = RouteSchema.oneofs.filter(({ name }) => name === "action");
    assert.equal(isRequiredOneof(action), true);
    const [discovery] = ClusterSchema.oneofs;
    assert.equal(isRequiredOneof(discovery), false);
  });

  it("hasNoRules: the messages of Envoy keep their rules", () => {
    assert.equal(hasNoRules(ClusterSchema), false);
    assert.equal(hasNoRules(FieldRulesSchema), false);
  });
});
