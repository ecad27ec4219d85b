import {
  type CertificateValidationContext,
  CertificateValidationContext_TrustChainVerification as TrustChain,
  type SubjectAltNameMatcher,
  SubjectAltNameMatcher_SanType as SanType,
} from "../../../../api/gen/envoy/extensions/transport_sockets/tls/v3/common_pb.js";
import { SPIFFECertValidatorConfigSchema } from "../../../../api/gen/envoy/extensions/transport_sockets/tls/v3/tls_spiffe_validator_config_pb.js";
import type { FieldPath } from "../../field-path.ts";
import { unpackAny } from "../../message/any-registry.ts";
import { LinearRegex } from "../../regex/linear-regex.ts";
import type {
  AuthorityModel,
  NameKind,
  NameMatchModel,
  TrustDomainModel,
  ValidationModel,
} from "../../tls-model.ts";
import { refuse } from "../route/route-setting.ts";
import { readSource, type SourceReader } from "./data-source.ts";

/**
 * How certificates of peers are judged.
 *
 * @throws MeshError `CONFIG_INVALID` for what Envoy refuses, in its words.
 */
export function toValidation(
  context: CertificateValidationContext,
  reader: SourceReader,
  path: FieldPath,
): ValidationModel {
  const authority = authorityOf(context, reader, path);
  const trustDomains = trustDomainsOf(context, reader, path);
  const names = context.matchTypedSubjectAltNames.map((matcher, index) =>
    toNameMatch(matcher, path.field("match_typed_subject_alt_names").item(index)),
  );
  const acceptsUntrusted = context.trustChainVerification === TrustChain.ACCEPT_UNTRUSTED;
  if (names.length > 0 && authority === null && trustDomains === null && !acceptsUntrusted) {
    const what = "SAN-based verification of peer certificates without trusted CA";
    refuse(path.field("match_typed_subject_alt_names"), `${what} is insecure and not allowed`);
  }
  if (context.crl !== undefined && authority === null) {
    refuse(path.field("crl"), "a revocation list needs a trusted_ca");
  }
  if (context.onlyVerifyLeafCertCrl && trustDomains !== null) {
    refuse(path.field("only_verify_leaf_cert_crl"), "not implemented with a custom validator");
  }
  return {
    authority: trustDomains === null ? authority : null,
    revocations: context.crl === undefined ? null : textOf(context.crl, reader, path.field("crl")),
    revokesLeafOnly: context.onlyVerifyLeafCertCrl,
    hashes: hashesOf(context, path),
    keyHashes: keyHashesOf(context, path),
    names,
    depthMax: context.maxVerifyDepth ?? null,
    acceptsUntrusted,
    trustDomains,
  };
}

function authorityOf(
  { trustedCa }: CertificateValidationContext,
  reader: SourceReader,
  path: FieldPath,
): AuthorityModel | null {
  return trustedCa === undefined ? null : textOf(trustedCa, reader, path.field("trusted_ca"));
}

function textOf(
  source: Parameters<typeof readSource>[0],
  reader: SourceReader,
  path: FieldPath,
): AuthorityModel {
  const { bytes, origin } = readSource(source, reader, path);
  return { certificates: new TextDecoder().decode(bytes), origin };
}

function trustDomainsOf(
  { customValidatorConfig }: CertificateValidationContext,
  reader: SourceReader,
  path: FieldPath,
): readonly TrustDomainModel[] | null {
  const any = customValidatorConfig?.typedConfig;
  if (any === undefined) return null;
  const at = path.field("custom_validator_config").field("typed_config").field("trust_domains");
  const domains = unpackAny(any, SPIFFECertValidatorConfigSchema)?.trustDomains ?? [];
  const names = new Set<string>();
  return domains.map(({ name, trustBundle }, index) => {
    const own = at.item(index);
    if (names.has(name)) {
      const rule = "Multiple trust bundles are given for one trust domain for";
      refuse(own.field("name"), `${rule} ${name}`);
    }
    names.add(name);
    if (trustBundle === undefined) return refuse(own.field("trust_bundle"), "value is required");
    return { name, bundle: textOf(trustBundle, reader, own.field("trust_bundle")) };
  });
}

/** 64 digits, or 32 pairs with colons between. */
const HASH = /^(?:[0-9a-f]{64}|[0-9a-f]{2}(?::[0-9a-f]{2}){31})$/i;

function hashesOf(context: CertificateValidationContext, path: FieldPath): readonly string[] {
  return context.verifyCertificateHash.map((hash, index) => {
    const at = path.field("verify_certificate_hash").item(index);
    if (!HASH.test(hash)) refuse(at, `Invalid hex-encoded SHA-256 ${hash}`);
    return hash.replaceAll(":", "").toLowerCase();
  });
}

const KEY_HASH = /^[A-Za-z0-9+/]{43}=$/;

function keyHashesOf(context: CertificateValidationContext, path: FieldPath): readonly string[] {
  return context.verifyCertificateSpki.map((hash, index) => {
    const at = path.field("verify_certificate_spki").item(index);
    if (!KEY_HASH.test(hash)) refuse(at, `Invalid base64-encoded SHA-256 ${hash}`);
    return hash;
  });
}

const KINDS: Partial<Readonly<Record<SanType, NameKind>>> = {
  [SanType.EMAIL]: "email",
  [SanType.DNS]: "dns",
  [SanType.URI]: "uri",
  [SanType.IP_ADDRESS]: "ip",
  [SanType.OTHER_NAME]: "other",
};
const OBJECT_ID = /^[0-2](?:\.(?:0|[1-9][0-9]{0,30})){1,20}$/;

function toNameMatch(sketch: SubjectAltNameMatcher, path: FieldPath): NameMatchModel {
  const kind = KINDS[sketch.sanType];
  if (kind === undefined) return refuse(path.field("san_type"), "value is required");
  const match = toTextMatch(kind, sketch, path);
  if (kind !== "other") return match;
  const { oid } = sketch;
  if (OBJECT_ID.test(oid)) return { ...match, objectId: oid };
  return refuse(path.field("oid"), `'${oid}' is no object identifier: digits with dots between`);
}

function toTextMatch(
  kind: NameKind,
  { matcher }: SubjectAltNameMatcher,
  path: FieldPath,
): NameMatchModel {
  const at = path.field("matcher");
  const { case: how, value } = matcher?.matchPattern ?? { case: undefined };
  const ignoresCase = matcher?.ignoreCase === true;
  switch (how) {
    case "safeRegex":
      checkRegex(value.regex, at.field("safe_regex"));
      return { kind, how: "regex", value: value.regex, ignoresCase: false };
    case "exact":
    case "prefix":
    case "suffix":
    case "contains":
      return { kind, how, value: ignoresCase ? value.toLowerCase() : value, ignoresCase };
    default:
      return refuse(at, "value is required");
  }
}

function checkRegex(pattern: string, path: FieldPath): void {
  try {
    new LinearRegex(pattern);
  } catch (error) {
    refuse(path, error instanceof Error ? error.message : String(error));
  }
}
