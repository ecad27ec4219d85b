import assert from "node:assert/strict";
import type { NameMatchModel } from "../../../../../proxy/config/tls-model.ts";
import { toNameMatch } from "../../../../../proxy/tls/certificate/name-match.ts";

type Row = readonly [how: NameMatchModel["how"], value: string, name: string, want: boolean];

/** How a URI is compared. */
const uris: readonly Row[] = [
  ["exact", "spiffe://td/a", "spiffe://td/a", true],
  ["exact", "spiffe://td/a", "spiffe://td/ab", false],
  ["exact", "*.a.test", "b.a.test", false],
  ["prefix", "spiffe://td/", "spiffe://td/a", true],
  ["prefix", "spiffe://td/", "x-spiffe://td/", false],
  ["suffix", "/a", "spiffe://td/a", true],
  ["suffix", "/a", "spiffe://td/ab", false],
  ["contains", "td", "spiffe://td/a", true],
  ["contains", "dt", "spiffe://td/a", false],
  ["regex", "spiffe://td/[ab]", "spiffe://td/b", true],
  ["regex", "spiffe://td/[ab]", "spiffe://td/bc", false],
  ["regex", "a|b", "xa", false],
  ["regex", "(a+)+", "a".repeat(50_000), true],
];

/** How a DNS name is compared: an exact one may be covered by a star of the certificate. */
const hosts: readonly Row[] = [
  ["exact", "api.a.test", "api.a.test", true],
  ["exact", "api.a.test", "API.A.test", true],
  ["exact", "api.a.test", "*.a.test", true],
  ["exact", "a.test", "*.a.test", false],
  ["exact", "x.api.a.test", "*.a.test", false],
  ["exact", "api.a.test", "a*.a.test", false],
  ["exact", "api.a.test", "*", false],
  ["suffix", ".a.test", "*.a.test", true],
  ["prefix", "api", "*.a.test", false],
];

describe("name match", () => {
  for (const [kind, rows] of [["uri", uris] as const, ["dns", hosts] as const]) {
    for (const [how, value, name, want] of rows) {
      const verb = want ? "takes" : "refuses";
      it(`toNameMatch: ${kind} ${how} ${value} ${verb} ${name.slice(0, 30)}`, () => {
        const match = toNameMatch({ kind, how, value, ignoresCase: false });
        assert.equal(match({ kind, value: name }), want);
      });
    }
  }

  it("toNameMatch: a name of another kind is refused", () => {
    const match = toNameMatch({ kind: "dns", how: "exact", value: "a", ignoresCase: false });
    assert.equal(match({ kind: "uri", value: "a" }), false);
  });

  it("toNameMatch: a name of another kind must have the type that is asked for", () => {
    const kind = "other";
    const wanted = { kind, how: "exact", value: "a", ignoresCase: false } as const;
    const match = toNameMatch({ ...wanted, objectId: "1.2.3" });
    assert.equal(match({ kind, objectId: "1.2.3", value: "a" }), true);
    assert.equal(match({ kind, objectId: "1.2.4", value: "a" }), false);
    assert.equal(match({ kind, objectId: "1.2.3", value: "b" }), false);
  });

  it("toNameMatch: case is ignored where that is wanted", () => {
    const match = toNameMatch({ kind: "email", how: "prefix", value: "me@", ignoresCase: true });
    assert.equal(match({ kind: "email", value: "ME@a.test" }), true);
  });
});
