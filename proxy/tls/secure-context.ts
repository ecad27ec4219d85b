import type { X509Certificate } from "node:crypto";
import type { SecureContext, SecureContextOptions } from "node:tls";
import type { AuthorityModel, CertificateModel, TlsContextModel } from "../config/tls-model.ts";
import { nodeCrypto, nodeTls } from "../engine/node-tls.ts";
import { CERTIFICATE_LABELS, REVOCATION_LABELS, splitPem } from "./certificate/pem.ts";

/** Suites of TLS 1.3, which Envoy does not let one choose. */
const SUITES_13 = "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256";
/** Lets OpenSSL speak TLS 1.0 and 1.1, whose signatures it counts as too weak. */
const OLD_VERSIONS = "@SECLEVEL=0";
/** `SSL_OP_NO_RENEGOTIATION` of OpenSSL, which node does not name. */
const NO_RENEGOTIATION = 0x4000_0000;

/** What is added to a context by one side. */
export interface SideOptions {
  readonly isServer: boolean;
  /** 48 bytes, or null where node makes its own. */
  readonly ticketKey: Uint8Array | null;
  readonly hasTickets: boolean;
  readonly sessionTimeoutS: number;
}

/**
 * Makes OpenSSL's context of some certificates of a model, of one per key type at most. Costs some
 * milliseconds: once per change of a secret and not per connection.
 *
 * @throws Error for certificates, keys and names of algorithms that OpenSSL refuses. Its message
 *   may quote OpenSSL; use `explainFault` for people.
 */
export function buildSecureContext(
  model: TlsContextModel,
  certificates: readonly CertificateModel[],
  side: SideOptions,
): SecureContext {
  const { validation } = model;
  const authorities = authoritiesOf(model);
  const lists = [
    ...authorities.flatMap((each) => splitPem(each.certificates, REVOCATION_LABELS)),
    ...splitPem(validation?.revocations?.certificates ?? "", REVOCATION_LABELS),
  ];
  const options: SecureContextOptions = {
    // An empty list: without one node loads all well-known roots, which nobody asked for.
    ca: authorities.flatMap((each) => [...splitPem(each.certificates, CERTIFICATE_LABELS)]),
    allowPartialTrustChain: true,
    cert: certificates.map(({ chain }) => chain),
    key: certificates.map(toKey),
    minVersion: model.versionMin,
    maxVersion: model.versionMax,
    ciphers: ciphersOf(model),
    ecdhCurve: model.curves.join(":"),
    honorCipherOrder: side.isServer,
    secureOptions:
      NO_RENEGOTIATION |
      (side.isServer ? nodeCrypto().constants.SSL_OP_CIPHER_SERVER_PREFERENCE : 0) |
      (side.hasTickets ? 0 : nodeCrypto().constants.SSL_OP_NO_TICKET),
    sessionIdContext: sessionIdContextOf(model),
  };
  // OpenSSL in node checks all of a chain or nothing: the leaf alone is for `peer-check.ts`.
  const isForAll = validation?.revokesLeafOnly !== true;
  if (lists.length > 0 && isForAll) options.crl = lists;
  if (model.signatureAlgorithms.length > 0) options.sigalgs = model.signatureAlgorithms.join(":");
  if (side.ticketKey !== null) options.ticketKeys = Buffer.from(side.ticketKey);
  if (side.sessionTimeoutS > 0) options.sessionTimeout = side.sessionTimeoutS;
  return nodeTls().createSecureContext(options);
}

/** Whose certificates make others valid. */
export function authoritiesOf({ validation }: TlsContextModel): readonly AuthorityModel[] {
  if (validation === null) return [];
  const domains = validation.trustDomains?.map(({ bundle }) => bundle) ?? [];
  return validation.authority === null ? domains : [validation.authority, ...domains];
}

/** The leaf of a certificate's chain. */
export function leafOf({ chain }: CertificateModel): X509Certificate {
  return new (nodeCrypto().X509Certificate)(chain);
}

function toKey({ key, password }: CertificateModel): { pem: string; passphrase?: string } {
  return password === null ? { pem: key } : { pem: key, passphrase: password };
}

function ciphersOf({ ciphers, versionMin }: TlsContextModel): string {
  const isOld = versionMin === "TLSv1" || versionMin === "TLSv1.1";
  return [SUITES_13, ...ciphers, ...(isOld ? [OLD_VERSIONS] : [])].join(":");
}

/**
 * A session is resumed only where peers are judged in the same way as when it began. 32 bytes at
 * most, and the same in every worker.
 */
function sessionIdContextOf({ path, validation, certificates }: TlsContextModel): string {
  const chains = certificates.map(({ chain }) => chain);
  const facts = JSON.stringify([path, validation, chains]);
  return nodeCrypto().createHash("sha256").update(facts).digest("hex").slice(0, 32);
}
