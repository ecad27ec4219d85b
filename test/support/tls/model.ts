import type {
  CertificateModel,
  TlsContextModel,
  UpstreamTlsModel,
  ValidationModel,
} from "../../../proxy/config/tls-model.ts";
import type { TestCertificate } from "./certificate.ts";

/** Nothing is asked of peers. */
export const NO_VALIDATION: ValidationModel = {
  authority: null,
  revocations: null,
  revokesLeafOnly: false,
  hashes: [],
  keyHashes: [],
  names: [],
  depthMax: null,
  acceptsUntrusted: false,
  trustDomains: null,
};

const CONTEXT: TlsContextModel = {
  path: "transport_socket.typed_config",
  certificates: [],
  names: { certificates: [], authority: "", dynamic: [] },
  validation: null,
  versionMin: "TLSv1.2",
  versionMax: "TLSv1.3",
  ciphers: ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"],
  curves: ["X25519", "P-256"],
  signatureAlgorithms: [],
  protocols: [],
  watched: [],
  downstream: null,
  upstream: null,
};

/** The TLS of a listener with Envoy's defaults, and what differs. */
export function serverModel(
  certificates: readonly TestCertificate[],
  facts: Partial<TlsContextModel> = {},
): TlsContextModel {
  const downstream = {
    requiresCertificate: false,
    scansAllCertificates: false,
    ticketKeys: [],
    hasTickets: true,
    sessionTimeoutS: 0,
  };
  return { ...CONTEXT, downstream, certificates: certificates.map(toCertificate), ...facts };
}

/** What only clusters have, with Envoy's defaults. */
export const PLAIN_UPSTREAM: UpstreamTlsModel = {
  serverName: "",
  sendsHostname: false,
  checksServerName: false,
  sessionsMax: 1,
};

/** The TLS of a cluster, and what differs. */
export function clientModel(facts: Partial<TlsContextModel> = {}): TlsContextModel {
  return { ...CONTEXT, upstream: PLAIN_UPSTREAM, ...facts };
}

/** A certificate as the configuration has it. */
export function toCertificate({ pem, keyPem }: TestCertificate): CertificateModel {
  return { chain: pem, key: keyPem, password: null, origin: "<inline>", keyOrigin: "<inline>" };
}

/** A validation that trusts an authority. */
export function trusting(
  authority: TestCertificate,
  facts: Partial<ValidationModel> = {},
): ValidationModel {
  const model = { certificates: authority.pem, origin: "<inline>" };
  return { ...NO_VALIDATION, authority: model, ...facts };
}
