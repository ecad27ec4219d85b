import type { X509Certificate } from "node:crypto";
import { nodeCrypto } from "../engine/node-tls.ts";
import {
  TLS_FAIL_VERIFY_CERT_HASH,
  TLS_FAIL_VERIFY_ERROR,
  TLS_FAIL_VERIFY_NO_CERT,
  TLS_FAIL_VERIFY_SAN,
} from "../../api/engine/tls/tls-stats.ts";
import type { ValidationModel } from "../config/tls-model.ts";
import { type AlternativeName, readAlternativeNames } from "./certificate/alternative-names.ts";
import { type NameMatch, toNameMatch } from "./certificate/name-match.ts";
import { readCertificates } from "./certificate/pem.ts";
import { findRevocation, readRevocations, type RevocationList } from "./certificate/revocation.ts";
import { findTrustPath } from "./certificate/trust-path.ts";
import { chainReason } from "./tls-reason.ts";

/** What a handshake told of the peer. */
export interface PresentedPeer {
  /** Null when it has no certificate. */
  readonly certificate: X509Certificate | null;
  /** What it sent beside its certificate. */
  readonly sent: readonly X509Certificate[];
  /** OpenSSL's code, such as `CERT_HAS_EXPIRED`, or null for a valid chain. */
  readonly chainFault: string | null;
}

/** How a peer was judged. */
export interface PeerVerdict {
  /** Whether the connection may go on. */
  readonly isAccepted: boolean;
  /** Whether the certificate was found to be trusted: `tls_context.validated`. */
  readonly isValidated: boolean;
  /** The `TLS_FAIL_*` counter of a refusal, or -1. */
  readonly counter: number;
  /** Why, in Envoy's words. */
  readonly reason: string;
}

const UNCHECKED: PeerVerdict = { isAccepted: true, isValidated: false, counter: -1, reason: "" };
const VALIDATED: PeerVerdict = { ...UNCHECKED, isValidated: true };

/** Judges peers by one validation context. */
export class PeerCheck {
  readonly #model: ValidationModel | null;
  readonly #isRequired: boolean;
  readonly #checksServerName: boolean;
  readonly #names: readonly NameMatch[];
  readonly #anchors: readonly X509Certificate[];
  /** Of the peer's own certificate only. */
  readonly #lists: readonly RevocationList[];
  readonly #domains: ReadonlyMap<string, readonly X509Certificate[]>;

  /**
   * @param isRequired Whether a peer without a certificate is refused.
   * @param checksServerName Whether the name that was sent replaces the names that are asked for.
   */
  constructor(model: ValidationModel | null, isRequired: boolean, checksServerName = false) {
    this.#model = model;
    this.#isRequired = isRequired;
    this.#checksServerName = checksServerName;
    this.#names = model?.names.map(toNameMatch) ?? [];
    this.#anchors = readCertificates(model?.authority?.certificates ?? "");
    this.#lists = model?.revokesLeafOnly === true ? listsOf(model) : [];
    this.#domains = new Map(
      model?.trustDomains?.map(({ name, bundle }) => [name, readCertificates(bundle.certificates)]),
    );
  }

  /**
   * Judges a peer after the handshake and before anything it sent is read.
   *
   * @param serverName What was sent to an upstream for SNI.
   */
  judge(peer: PresentedPeer, now: Date, serverName = ""): PeerVerdict {
    if (peer.certificate === null) {
      return this.#isRequired
        ? refuse(TLS_FAIL_VERIFY_NO_CERT, "peer has no certificate")
        : UNCHECKED;
    }
    const verdict = this.#judge(peer, peer.certificate, now, this.#namesFor(serverName));
    if (verdict.isAccepted || this.#model?.acceptsUntrusted !== true) return verdict;
    return UNCHECKED;
  }

  /** What the peer must be called. */
  #namesFor(serverName: string): readonly NameMatch[] {
    if (!this.#checksServerName || serverName === "") return this.#names;
    return [toNameMatch({ kind: "dns", how: "exact", value: serverName, ignoresCase: false })];
  }

  #judge(
    peer: PresentedPeer,
    certificate: X509Certificate,
    now: Date,
    wanted: readonly NameMatch[],
  ): PeerVerdict {
    const model = this.#model;
    if (model === null) return UNCHECKED;
    const isAnchored = model.authority !== null || model.trustDomains !== null;
    if (isAnchored && peer.chainFault !== null) {
      const depth = faultDepth(peer.chainFault, [certificate, ...peer.sent], now);
      return refuse(TLS_FAIL_VERIFY_ERROR, chainReason(peer.chainFault, depth));
    }
    if (this.#lists.length > 0) {
      const path = findTrustPath(certificate, peer.sent, this.#anchors, now);
      const code = findRevocation(certificate, path?.[1], this.#lists, now);
      if (code !== null) return refuse(TLS_FAIL_VERIFY_ERROR, chainReason(code, 0));
    }
    const names = readAlternativeNames(certificate.raw);
    if (model.trustDomains !== null) {
      const fault = this.#spiffeFault(certificate, peer.sent, names, now);
      if (fault !== null) return fault;
    } else if (model.depthMax !== null && isAnchored) {
      const path = findTrustPath(certificate, peer.sent, this.#anchors, now);
      if (path === null || path.length - 1 > model.depthMax) {
        return refuse(TLS_FAIL_VERIFY_ERROR, "X509_verify_cert: certificate chain too long");
      }
    }
    return (
      this.#nameFault(names, wanted) ?? this.#hashFault(certificate) ?? this.#success(isAnchored)
    );
  }

  /** Without authorities and hashes nothing was found out. */
  #success(isAnchored: boolean): PeerVerdict {
    const { hashes = [], keyHashes = [] } = this.#model ?? {};
    return isAnchored || hashes.length + keyHashes.length > 0 ? VALIDATED : UNCHECKED;
  }

  #spiffeFault(
    certificate: X509Certificate,
    sent: readonly X509Certificate[],
    names: readonly AlternativeName[],
    now: Date,
  ): PeerVerdict | null {
    const uris = names.filter(({ kind }) => kind === "uri");
    const domain = uris.length === 1 ? trustDomainOf(uris[0].value) : null;
    const anchors = domain === null ? undefined : this.#domains.get(domain);
    if (anchors === undefined || certificate.ca) {
      return refuse(TLS_FAIL_VERIFY_ERROR, "no trust bundle found matching trust domain");
    }
    if (findTrustPath(certificate, sent, anchors, now) !== null) return null;
    return refuse(TLS_FAIL_VERIFY_ERROR, "X509_verify_cert: no path to the trust domain's bundle");
  }

  #nameFault(names: readonly AlternativeName[], wanted: readonly NameMatch[]): PeerVerdict | null {
    if (wanted.length === 0) return null;
    // SPIFFE has names in URIs only.
    const isSpiffe = this.#model?.trustDomains !== null;
    const own = isSpiffe ? names.filter(({ kind }) => kind === "uri") : names;
    if (own.some((name) => wanted.some((isWanted) => isWanted(name)))) return null;
    const list = names.map(({ value }) => value).join(", ");
    const reason = `verify cert failed: SAN matcher, certificate SANs are [${list}]`;
    return refuse(TLS_FAIL_VERIFY_SAN, reason);
  }

  #hashFault(certificate: X509Certificate): PeerVerdict | null {
    const { hashes = [], keyHashes = [] } = this.#model ?? {};
    if (hashes.length === 0 && keyHashes.length === 0) return null;
    if (hashes.includes(sha256(certificate.raw, "hex"))) return null;
    const key = certificate.publicKey.export({ type: "spki", format: "der" });
    if (keyHashes.includes(sha256(key, "base64"))) return null;
    return refuse(TLS_FAIL_VERIFY_CERT_HASH, "verify cert failed: cert hash and spki");
  }
}

/** Whether a validation context refuses peers without a certificate, as in Envoy. */
export function requiresCertificate(model: ValidationModel | null): boolean {
  if (model === null || model.acceptsUntrusted) return false;
  return model.hashes.length + model.keyHashes.length + model.names.length > 0;
}

function refuse(counter: number, reason: string): PeerVerdict {
  return { isAccepted: false, isValidated: false, counter, reason };
}

/** The trust domain of a SPIFFE ID, or null for another URI. */
function trustDomainOf(uri: string): string | null {
  return /^spiffe:\/\/([^/]+)\/./.exec(uri)?.[1] ?? null;
}

/** @throws Error when one cannot be read; it was tried before. */
function listsOf({ authority, revocations }: ValidationModel): readonly RevocationList[] {
  return [authority, revocations].flatMap((source) => {
    const lists = source === null ? [] : readRevocations(source.certificates);
    if (lists === null) throw new Error("a revocation list cannot be read");
    return lists;
  });
}

/** Node does not tell where in a chain a fault is: it is looked for where that can be seen. */
function faultDepth(code: string, chain: readonly X509Certificate[], now: Date): number {
  if (code === "SELF_SIGNED_CERT_IN_CHAIN") return chain.length - 1;
  if (code !== "CERT_HAS_EXPIRED" && code !== "CERT_NOT_YET_VALID") return 0;
  const at = chain.findIndex(
    ({ validFromDate, validToDate }) => now < validFromDate || now > validToDate,
  );
  return Math.max(at, 0);
}

function sha256(bytes: Uint8Array, encoding: "hex" | "base64"): string {
  return nodeCrypto().createHash("sha256").update(bytes).digest(encoding);
}
