import type { X509Certificate } from "node:crypto";
import type { CertificateModel } from "../config/tls-model.ts";
import { readAlternativeNames } from "./certificate/alternative-names.ts";
import { leafOf } from "./secure-context.ts";

/** Certificates that one context has: of each key type one at most. */
export type CertificateChoice = readonly CertificateModel[];

/**
 * Chooses certificates by server name as Envoy's `DefaultTlsCertificateSelector` does: exact names
 * before wildcards, of each name the first certificate of each key type. Between the key types
 * OpenSSL chooses, by what the peer can check.
 */
export class ServerCertificates {
  /** For peers that send no name. */
  readonly unnamed: CertificateChoice;
  /** For names that no certificate has. */
  readonly unmatched: CertificateChoice;
  readonly #byName: ReadonlyMap<string, CertificateChoice>;

  /** @param scansAll Choose among all by key type when no certificate has the name. */
  constructor(certificates: readonly CertificateModel[], scansAll: boolean) {
    const all = new FirstOfEachType();
    const byName = new Map<string, FirstOfEachType>();
    for (const certificate of certificates) {
      const leaf = leafOf(certificate);
      const type = leaf.publicKey.asymmetricKeyType ?? "";
      all.add(type, certificate);
      for (const name of namesOf(leaf)) {
        const own = byName.get(name) ?? new FirstOfEachType();
        byName.set(name, own);
        own.add(type, certificate);
      }
    }
    this.unnamed = all.list;
    this.unmatched = scansAll ? all.list : certificates.slice(0, 1);
    this.#byName = new Map([...byName].map(([name, each]) => [name, each.list]));
  }

  /** The certificates for a server name that a peer sent. */
  choose(serverName: string): CertificateChoice {
    const name = serverName.toLowerCase();
    const exact = this.#byName.get(name);
    if (exact !== undefined) return exact;
    const dot = name.indexOf(".", 1);
    const wildcard = dot < 0 ? undefined : this.#byName.get(name.slice(dot));
    return wildcard ?? this.unmatched;
  }
}

/** The first certificate of each key type, in the order in which they came. */
class FirstOfEachType {
  readonly #byType = new Map<string, CertificateModel>();

  get list(): CertificateChoice {
    return [...this.#byType.values()];
  }

  add(type: string, certificate: CertificateModel): void {
    if (!this.#byType.has(type)) this.#byType.set(type, certificate);
  }
}

/** DNS names, `*.a.test` as `.a.test`; the common name where there is none. */
function namesOf(leaf: X509Certificate): readonly string[] {
  const dns = readAlternativeNames(leaf.raw).filter(({ kind }) => kind === "dns");
  const names = dns.length > 0 ? dns.map(({ value }) => value) : commonNames(leaf);
  return names.map((name) => name.toLowerCase().replace(/^\*\./, "."));
}

function commonNames(leaf: X509Certificate): readonly string[] {
  const line = leaf.subject.split("\n").find((each) => each.startsWith("CN="));
  return line === undefined ? [] : [line.slice(3)];
}
