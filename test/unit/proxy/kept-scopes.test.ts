import assert from "node:assert/strict";
import { SCOPE_KIND_CLUSTER, SCOPE_KIND_HCM } from "../../../api/engine/image.ts";
import { compileBootstrap } from "../../../proxy/compiler/compile-bootstrap.ts";
import { keptScopes } from "../../../proxy/kept-scopes.ts";
import {
  SCOPE_KIND_ACCESS_LOG,
  SCOPE_KIND_GRPC,
  SCOPE_KIND_LISTENER,
} from "../../../proxy/observe/stat/scope-kind.ts";
import { toBootstrap } from "../../support/proxy-sketch.ts";

/** Scopes, and whether the sample has them: listener `l` of prefix `test`, cluster `up`. */
const rows: readonly (readonly [kind: number, name: string, isKept: boolean])[] = [
  [SCOPE_KIND_HCM, "127.0.0.1_0:test", true],
  [SCOPE_KIND_HCM, "127.0.0.1_0:other", false],
  [SCOPE_KIND_HCM, "127.0.0.2_0:test", false],
  [SCOPE_KIND_LISTENER, "127.0.0.1_0", true],
  [SCOPE_KIND_LISTENER, "127.0.0.1_80", false],
  [SCOPE_KIND_CLUSTER, "up", true],
  [SCOPE_KIND_CLUSTER, "test", false],
  [SCOPE_KIND_GRPC, "up.grpc", true],
  [SCOPE_KIND_GRPC, "up.grpc.a.grpc.b", true],
  [SCOPE_KIND_GRPC, "other.grpc.a.b", false],
  [SCOPE_KIND_ACCESS_LOG, "/any/path", true],
];

describe("keptScopes", () => {
  const config = toBootstrap({ endpoints: [1] });
  const { snapshot } = compileBootstrap({
    id: 0,
    name: "a.json",
    config,
    version: 1,
    logSinks: [],
  });
  const isKept = keptScopes(snapshot);

  for (const [kind, name, want] of rows) {
    it(`keptScopes: scope ${kind} ${name} is ${want ? "kept" : "forgotten"}`, () => {
      assert.equal(isKept(kind, name), want);
    });
  }
});
