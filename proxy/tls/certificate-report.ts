import type { X509Certificate } from "node:crypto";
import { nodeCrypto } from "../engine/node-tls.ts";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  CertificateDetailsSchema,
  CertificateSchema,
} from "../../api/gen/envoy/admin/v3/certs_pb.js";
import type { TlsContextModel } from "../config/tls-model.ts";
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
      subjectAltNames: readAlternativeNames(certificate.raw).flatMap(toName),
      daysUntilExpiration: BigInt(daysLeft(certificate, now)),
      validFrom: toTimestamp(certificate.validFromDate),
      expirationTime: toTimestamp(certificate.validToDate),
    },
  ];
}

/** Envoy tells DNS names, URIs and addresses. */
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
