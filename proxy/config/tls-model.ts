/** A certificate with the chain that is sent along, and its private key. PEM. */
export interface CertificateModel {
  readonly chain: string;
  /** Never logged and never shown. */
  readonly key: string;
  /** What the key is encrypted with, or null. */
  readonly password: string | null;
  /** What people call it: the file it came from, or `<inline>`. */
  readonly origin: string;
  /** What they call the key. */
  readonly keyOrigin: string;
}

/** Certificates of authorities in PEM; revocation lists may stand among them. */
export interface AuthorityModel {
  readonly certificates: string;
  readonly origin: string;
}

/** The kinds of names that certificates have. */
export type NameKind = "dns" | "uri" | "email" | "ip" | "other";

/** One of the names that a peer's certificate may have: `SubjectAltNameMatcher`. */
export interface NameMatchModel {
  readonly kind: NameKind;
  /** Of `other`: the type of the name, such as `1.3.6.1.4.1.311.20.2.3`. */
  readonly objectId?: string;
  readonly how: "exact" | "prefix" | "suffix" | "contains" | "regex";
  /** In lower case when case is ignored. */
  readonly value: string;
  readonly ignoresCase: boolean;
}

/** Authorities of one SPIFFE trust domain. */
export interface TrustDomainModel {
  readonly name: string;
  readonly bundle: AuthorityModel;
}

/** How certificates of peers are judged. */
export interface ValidationModel {
  readonly authority: AuthorityModel | null;
  /** Revocation lists in PEM. */
  readonly revocations: AuthorityModel | null;
  /** Lists count for the peer's own certificate only, and not for those above. */
  readonly revokesLeafOnly: boolean;
  /** SHA-256 of certificates in lower-case hexadecimal. */
  readonly hashes: readonly string[];
  /** SHA-256 of public keys in base64. */
  readonly keyHashes: readonly string[];
  readonly names: readonly NameMatchModel[];
  /** Most certificates above the peer's own, or null. */
  readonly depthMax: number | null;
  readonly acceptsUntrusted: boolean;
  /** SPIFFE: which authorities speak for which trust domain; null for plain validation. */
  readonly trustDomains: readonly TrustDomainModel[] | null;
}

/** Versions of TLS as node calls them. */
export type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

/** What the secrets of a context are called; empty for what stands in the context itself. */
export interface SecretNames {
  /** In the order of the certificates. */
  readonly certificates: readonly string[];
  readonly authority: string;
  /** Those that come from files of SDS. */
  readonly dynamic: readonly string[];
}

/** What a transport socket in TLS needs, with the content of every file in it. */
export interface TlsContextModel {
  /** Where it is configured; no two have the same. */
  readonly path: string;
  readonly certificates: readonly CertificateModel[];
  readonly names: SecretNames;
  readonly validation: ValidationModel | null;
  readonly versionMin: TlsVersion;
  readonly versionMax: TlsVersion;
  /** OpenSSL's list, without the suites of TLS 1.3; empty for the default. */
  readonly ciphers: readonly string[];
  readonly curves: readonly string[];
  /** Empty for the default. */
  readonly signatureAlgorithms: readonly string[];
  /**
   * Protocols to negotiate by ALPN, most wanted first. With none a listener does without ALPN, and
   * a cluster offers the HTTP that it speaks.
   */
  readonly protocols: readonly string[];
  /** Folders to watch: the secrets are read again when something changes there. */
  readonly watched: readonly string[];
  readonly downstream: DownstreamTlsModel | null;
  readonly upstream: UpstreamTlsModel | null;
}

/** What only listeners have. */
export interface DownstreamTlsModel {
  readonly requiresCertificate: boolean;
  /** Looks for a certificate by key type when none has the server name. */
  readonly scansAllCertificates: boolean;
  /** Keys of 80 bytes; empty for one of the process. */
  readonly ticketKeys: readonly Uint8Array[];
  readonly hasTickets: boolean;
  /** Seconds; 0 is OpenSSL's default. */
  readonly sessionTimeoutS: number;
}

/** What only clusters have. */
export interface UpstreamTlsModel {
  /** Name for SNI; empty for none. */
  readonly serverName: string;
  /** Sends the name of the endpoint instead, where it has one: `auto_host_sni`. */
  readonly sendsHostname: boolean;
  /** The upstream must have the name that was sent, whatever else is asked of its names. */
  readonly checksServerName: boolean;
  /** Sessions kept for resumption. */
  readonly sessionsMax: number;
}
