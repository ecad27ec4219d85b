import type { X509Certificate } from "node:crypto";
import { nodeCrypto } from "../engine/node-tls.ts";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  CertificateDetailsSchema,
  CertificateSchema,
} from "../../api/gen/envoy/admin/v3/certs_pb.js";
import type { NameKind, TlsContextModel } from "../config/tls-model.ts";
import { type AlternativeName, readAlternativeNames } from "./certificate/alternative-names.ts";
import { CERTIFICATE_LABELS, splitPem } from "./certificate/pem.ts";
import { authoritiesOf } from "./secure-context.ts";

const DAY_MS = 86_400_000;

type Details = MessageInitShape<typeof CertificateDetailsSchema>;

/** What `/certs` shows of a context: the first certificate of each file, as in Envoy. */
export function reportCertificates(
  model: TlsContextModel,
  now: Date,
): MessageInitShape<typeof CertificateSchema> {
  return {
    caCert: authoritiesOf(model).flatMap(({ certificates, origin }) =>
      toDetails(certificates, origin, now),
    ),
    certChain: model.certificates.flatMap(({ chain, origin }) => toDetails(chain, origin, now)),
  };
}

/** Whole days until the first certificate of some contexts ends, or null where there is none. */
export function daysUntilExpiry(models: readonly TlsContextModel[], now: Date): number | null {
  const texts = models.flatMap((model) => [
    ...authoritiesOf(model).map(({ certificates }) => certificates),
    ...model.certificates.map(({ chain }) => chain),
  ]);
  const days = texts.flatMap((text) => {
    const first = firstOf(text);
    return first === null ? [] : [daysLeft(first, now)];
  });
  return days.length === 0 ? null : Math.min(...days);
}

/** What Envoy calls what has no name: with the beginning of the SHA-256 of nothing. */
const UNNAMED = "e3b0c442";

/** When the certificates of a context end, in seconds since 1970, by their names in statistics. */
export function expiryTimes(model: TlsContextModel): ReadonlyMap<string, number> {
  const { validation, certificates, names } = model;
  const times = new Map<string, number>();
  const note = (name: string, text: string): void => {
    const first = firstOf(text);
    if (first !== null) times.set(name, Math.floor(first.validToDate.getTime() / 1000));
  };
  const authority = validation?.authority ?? null;
  if (authority !== null) {
    note(names.authority || `unnamed_ca_cert_${UNNAMED}`, authority.certificates);
  }
  // As in Envoy, the last of those without a name is shown.
  for (const [index, { chain }] of certificates.entries()) {
    note(names.certificates[index] || `unnamed_cert_${UNNAMED}`, chain);
  }
  return times;
}

function firstOf(text: string): X509Certificate | null {
  const [block] = splitPem(text, CERTIFICATE_LABELS);
  return block === undefined ? null : new (nodeCrypto().X509Certificate)(block);
}

/** 0 for one that is over, as in Envoy. */
function daysLeft({ validToDate }: X509Certificate, now: Date): number {
  return Math.max(0, Math.floor((validToDate.getTime() - now.getTime()) / DAY_MS));
}

function toDetails(text: string, path: string, now: Date): Details[] {
  const certificate = firstOf(text);
  if (certificate === null) return [];
  return [
    {
      path,
      serialNumber: certificate.serialNumber.toLowerCase(),
      subjectAltNames: KINDS.flatMap((kind) =>
        readAlternativeNames(certificate.raw)
          .filter((name) => name.kind === kind)
          .flatMap(toName),
      ),
      daysUntilExpiration: BigInt(daysLeft(certificate, now)),
      validFrom: toTimestamp(certificate.validFromDate),
      expirationTime: toTimestamp(certificate.validToDate),
    },
  ];
}

/** Envoy tells DNS names, URIs and addresses, in this order. */
const KINDS: readonly NameKind[] = ["dns", "uri", "ip"];

function toName({ kind, value }: AlternativeName): NonNullable<Details["subjectAltNames"]> {
  switch (kind) {
    case "dns":
      return [{ name: { case: "dns", value } }];
    case "uri":
      return [{ name: { case: "uri", value } }];
    case "ip":
      return [{ name: { case: "ipAddress", value } }];
    default:
      return [];
  }
}

function toTimestamp(date: Date): { seconds: bigint; nanos: number } {
  return { seconds: BigInt(Math.floor(date.getTime() / 1000)), nanos: 0 };
}
