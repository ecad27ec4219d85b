import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import type { CertificateModel, TlsContextModel } from "../config/tls-model.ts";
import { CERTIFICATE_LABELS, REVOCATION_LABELS, splitPem } from "./certificate/pem.ts";
import { readRevocations } from "./certificate/revocation.ts";
import { authoritiesOf, buildSecureContext, leafOf } from "./secure-context.ts";

/** What is wrong with a context, and where. */
export interface SecretFault {
  /** The field below the transport socket, such as `common_tls_context.tls_params`. */
  readonly field: string;
  /** Envoy's words. Never a part of a key. */
  readonly reason: string;
}

/** Finds out what is wrong with the secrets and algorithms of a model; null if nothing is. */
export function findFault(model: TlsContextModel): SecretFault | null {
  for (const [index, certificate] of model.certificates.entries()) {
    const reason = certificateFault(certificate);
    const field = `common_tls_context.tls_certificates[${index}]`;
    if (reason !== null) return { field, reason };
  }
  for (const { certificates, origin } of authoritiesOf(model)) {
    const reason = authorityFault(certificates);
    const what = `Failed to load trusted CA certificates from ${origin}`;
    if (reason) return { field: "common_tls_context.validation_context", reason: what };
  }
  const revocations = model.validation?.revocations;
  if (revocations && splitPem(revocations.certificates, REVOCATION_LABELS).length === 0) {
    const reason = `Failed to load CRL from ${revocations.origin}`;
    return { field: "common_tls_context.validation_context.crl", reason };
  }
  return listFault(model) ?? algorithmFault(model) ?? wholeFault(model);
}

/** Lists that are read here, and not by OpenSSL. */
function listFault({ validation }: TlsContextModel): SecretFault | null {
  if (validation?.revokesLeafOnly !== true) return null;
  for (const source of [validation.authority, validation.revocations]) {
    if (source === null || readRevocations(source.certificates) !== null) continue;
    const reason = `Failed to load CRL from ${source.origin}`;
    return { field: "common_tls_context.validation_context.crl", reason };
  }
  return null;
}

function certificateFault(certificate: CertificateModel): string | null {
  const { chain, origin, keyOrigin } = certificate;
  let leaf: X509Certificate;
  try {
    if (splitPem(chain, CERTIFICATE_LABELS).length === 0) throw new Error("no certificate");
    leaf = leafOf(certificate);
  } catch {
    return `Failed to load certificate chain from ${origin}`;
  }
  try {
    const key = createPrivateKey(toPrivateKeyInput(certificate));
    if (leaf.checkPrivateKey(key)) return null;
    return `Failed to load private key from ${keyOrigin}, Cause: it is not the certificate's`;
  } catch {
    // What OpenSSL says is kept away: it speaks about the content of the key.
    const cause = certificate.key.includes("ENCRYPTED")
      ? "the key is encrypted, and the password is missing or wrong"
      : "it cannot be read";
    return `Failed to load private key from ${keyOrigin}, Cause: ${cause}`;
  }
}

function toPrivateKeyInput({ key, password }: CertificateModel) {
  return password === null ? { key } : { key, passphrase: password };
}

function authorityFault(text: string): boolean {
  try {
    const blocks = splitPem(text, CERTIFICATE_LABELS);
    for (const block of blocks) new X509Certificate(block);
    return blocks.length === 0;
  } catch {
    return true;
  }
}

/** OpenSSL ignores names in a list that it does not know, as long as it knows one. */
function algorithmFault(model: TlsContextModel): SecretFault | null {
  const field = "common_tls_context.tls_params";
  const unknown = model.ciphers.filter((name) => !isAccepted({ ciphers: name }));
  if (unknown.length > 0) {
    const reason =
      `Failed to initialize cipher suites ${model.ciphers.join(":")}. ` +
      `The following ciphers were rejected when tried individually: ${unknown.join(", ")}`;
    return { field: `${field}.cipher_suites`, reason };
  }
  const curves = model.curves.join(":");
  if (!isAccepted({ ecdhCurve: curves })) {
    return { field: `${field}.ecdh_curves`, reason: `Failed to initialize ECDH curves ${curves}` };
  }
  const sigalgs = model.signatureAlgorithms.join(":");
  if (sigalgs === "" || isAccepted({ sigalgs })) return null;
  const reason = `Failed to initialize TLS signature algorithms ${sigalgs}`;
  return { field: `${field}.signature_algorithms`, reason };
}

function isAccepted(options: SecureContextOptions): boolean {
  try {
    createSecureContext({ ca: [], ...options });
    return true;
  } catch {
    return false;
  }
}

function wholeFault(model: TlsContextModel): SecretFault | null {
  const isServer = model.downstream !== null;
  const side = { isServer, ticketKey: null, hasTickets: true, sessionTimeoutS: 0 };
  try {
    for (const each of model.certificates) buildSecureContext(model, [each], side);
    buildSecureContext(model, [], side);
    return null;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    return { field: "common_tls_context", reason: `OpenSSL refuses the context: ${code}` };
  }
}
