import assert from "node:assert/strict";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { CertificateValidationContextSchema } from "../../../../../../api/gen/envoy/extensions/transport_sockets/tls/v3/common_pb.js";
import { toValidation } from "../../../../../../proxy/config/compile/tls/validation.ts";
import { FieldPath } from "../../../../../../proxy/config/field-path.ts";
import type { ValidationModel } from "../../../../../../proxy/config/tls-model.ts";

const CA = { inlineString: "ca" };
const HASH = "ab".repeat(32);
const UPN = "1.3.6.1.4.1.311.20.2.3";

function compile(json: JsonObject): ValidationModel {
  const context = fromJson(CertificateValidationContextSchema, json);
  const reader = { environment: () => undefined, fileContent: () => new Uint8Array() };
  return toValidation(context, reader, FieldPath.root.field("context"));
}

function named(...matchers: readonly JsonObject[]): JsonObject {
  return { trustedCa: CA, matchTypedSubjectAltNames: [...matchers] };
}

/** What names compile to. */
const names: readonly (readonly [matcher: JsonObject, want: object])[] = [
  [
    { sanType: "URI", matcher: { prefix: "spiffe://A", ignoreCase: true } },
    { kind: "uri", how: "prefix", value: "spiffe://a", ignoresCase: true },
  ],
  [
    { sanType: "IP_ADDRESS", matcher: { safeRegex: { regex: "10[.].*" } } },
    { kind: "ip", how: "regex", value: "10[.].*", ignoresCase: false },
  ],
  [
    { sanType: "EMAIL", matcher: { suffix: "@a.test" } },
    { kind: "email", how: "suffix", value: "@a.test", ignoresCase: false },
  ],
  [
    { sanType: "DNS", matcher: { contains: "a" } },
    { kind: "dns", how: "contains", value: "a", ignoresCase: false },
  ],
  [
    { sanType: "OTHER_NAME", oid: UPN, matcher: { exact: "a" } },
    { kind: "other", how: "exact", value: "a", ignoresCase: false, objectId: UPN },
  ],
];

/** What is refused, and how. */
const refused: readonly (readonly [name: string, json: JsonObject, want: RegExp])[] = [
  [
    "names without an authority",
    { matchTypedSubjectAltNames: [{ sanType: "DNS", matcher: { exact: "a" } }] },
    /SAN-based verification of peer certificates without trusted CA is insecure and not allowed$/,
  ],
  [
    "a regular expression that is none",
    named({ sanType: "DNS", matcher: { safeRegex: { regex: "a)(b" } } }),
    /matcher\.safe_regex: .*unexpected \)/,
  ],
  [
    "the name of an object identifier",
    named({ sanType: "OTHER_NAME", oid: "msUPN", matcher: { exact: "a" } }),
    /\[0\]\.oid: 'msUPN' is no object identifier: digits with dots between$/,
  ],
  [
    "another kind without a type",
    named({ sanType: "OTHER_NAME", matcher: { exact: "a" } }),
    /\[0\]\.oid: '' is no object identifier/,
  ],
  [
    "a key hash that is none",
    { verifyCertificateSpki: [`${"-".repeat(43)}=`] },
    /verify_certificate_spki\[0\]: Invalid base64-encoded SHA-256/,
  ],
  [
    "a certificate hash that is none",
    { verifyCertificateHash: ["ab"] },
    /verify_certificate_hash\[0\]: Invalid hex-encoded SHA-256 ab$/,
  ],
  [
    "a revocation list without an authority",
    { crl: { inlineString: "list" } },
    /context\.crl: a revocation list needs a trusted_ca$/,
  ],
];

describe("compile validation", () => {
  for (const [matcher, want] of names) {
    it(`toValidation: a name of ${matcher.sanType} is taken over`, () => {
      assert.deepEqual(compile(named(matcher)).names, [want]);
    });
  }

  it("toValidation: a hash may have colons and capitals", () => {
    const hashes = [HASH.toUpperCase(), Array(32).fill("AB").join(":")];
    assert.deepEqual(compile({ verifyCertificateHash: hashes }).hashes, [HASH, HASH]);
  });

  for (const [name, json, want] of refused) {
    it(`toValidation: ${name} is refused`, () => {
      assert.throws(() => compile(json), { code: "CONFIG_INVALID", message: want });
    });
  }
});
