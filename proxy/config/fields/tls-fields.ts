import {
  ConfigSourceSchema,
  PathConfigSourceSchema,
} from "../../../api/gen/envoy/config/core/v3/config_source_pb.js";
import {
  CertificateValidationContextSchema,
  SubjectAltNameMatcherSchema,
  TlsCertificateSchema,
  TlsParametersSchema,
  TlsSessionTicketKeysSchema,
} from "../../../api/gen/envoy/extensions/transport_sockets/tls/v3/common_pb.js";
import {
  SdsSecretConfigSchema,
  SecretSchema,
} from "../../../api/gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import {
  CommonTlsContext_CombinedCertificateValidationContextSchema,
  CommonTlsContextSchema,
  DownstreamTlsContextSchema,
  UpstreamTlsContextSchema,
} from "../../../api/gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import {
  SPIFFECertValidatorConfig_TrustDomainSchema,
  SPIFFECertValidatorConfigSchema,
} from "../../../api/gen/envoy/extensions/transport_sockets/tls/v3/tls_spiffe_validator_config_pb.js";
import {
  DiscoveryResponseSchema,
  ResourceSchema,
} from "../../../api/gen/envoy/service/discovery/v3/discovery_pb.js";
import type { MessageFields } from "./field-status.ts";
import {
  accepted,
  extension,
  fieldsOf,
  harmless,
  implemented,
  implementedNote,
  onlyValues,
} from "./field-status.ts";

const SDS_WATCHED =
  "Of a secret that comes by SDS, as in Envoy. Without it the folders of its files are watched.";
const NO_SERVER = "It belongs to the conversation with a server; secrets come from files.";

/** TLS of listeners and clusters, and the secrets that it needs. */
export const TLS_FIELDS: readonly MessageFields[] = [
  fieldsOf(DownstreamTlsContextSchema, {
    common_tls_context: implemented,
    require_client_certificate: implemented,
    session_ticket_keys: implementedNote(
      "The first key encrypts and decrypts; sessions of the others begin anew.",
    ),
    session_ticket_keys_sds_secret_config: implemented,
    disable_stateless_session_resumption: implemented,
    disable_stateful_session_resumption: implementedNote(
      "There is no cache of sessions to turn off: sessions are resumed by tickets.",
    ),
    session_timeout: implemented,
    ocsp_staple_policy: onlyValues("LENIENT_STAPLING"),
    full_scan_certs_on_sni_mismatch: implemented,
  }),
  fieldsOf(UpstreamTlsContextSchema, {
    common_tls_context: implemented,
    sni: implemented,
    auto_host_sni: implemented,
    auto_sni_san_validation: implementedNote(
      "Without a name to send, `sni` being empty, names are checked as configured.",
    ),
    allow_renegotiation: accepted("false", (context) => !context.allowRenegotiation),
    max_session_keys: implemented,
    enforce_rsa_key_usage: accepted("false", (context) => context.enforceRsaKeyUsage === false),
  }),
  fieldsOf(CommonTlsContextSchema, {
    tls_params: implemented,
    tls_certificates: implemented,
    tls_certificate_sds_secret_configs: implemented,
    validation_context: implemented,
    validation_context_sds_secret_config: implemented,
    combined_validation_context: implemented,
    alpn_protocols: implementedNote(
      "What cannot be spoken is left out: `h2` in a cluster of HTTP/1, for one.",
    ),
  }),
  fieldsOf(CommonTlsContext_CombinedCertificateValidationContextSchema, {
    default_validation_context: implemented,
    validation_context_sds_secret_config: implemented,
  }),
  fieldsOf(TlsParametersSchema, {
    tls_minimum_protocol_version: implemented,
    tls_maximum_protocol_version: implemented,
    cipher_suites: implementedNote("Of two that are equal, `[A|B]`, the first is preferred."),
    ecdh_curves: implemented,
    signature_algorithms: implemented,
  }),
  fieldsOf(TlsCertificateSchema, {
    certificate_chain: implemented,
    private_key: implemented,
    watched_directory: implementedNote(SDS_WATCHED),
    password: implemented,
  }),
  fieldsOf(TlsSessionTicketKeysSchema, { keys: implemented }),
  fieldsOf(CertificateValidationContextSchema, {
    trusted_ca: implemented,
    watched_directory: implementedNote(SDS_WATCHED),
    verify_certificate_spki: implemented,
    verify_certificate_hash: implemented,
    match_typed_subject_alt_names: implemented,
    crl: implemented,
    allow_expired_certificate: accepted("false", (context) => !context.allowExpiredCertificate),
    trust_chain_verification: implemented,
    only_verify_leaf_cert_crl: implementedNote(
      "A list with a critical extension counts as one that cannot be used.",
    ),
    max_verify_depth: implemented,
    custom_validator_config: extension(SPIFFECertValidatorConfigSchema),
  }),
  fieldsOf(SubjectAltNameMatcherSchema, {
    san_type: implemented,
    matcher: implemented,
    oid: implementedNote("Of `OTHER_NAME`: numbers with dots; names of identifiers are refused."),
  }),
  fieldsOf(SPIFFECertValidatorConfigSchema, { trust_domains: implemented }),
  fieldsOf(SPIFFECertValidatorConfig_TrustDomainSchema, {
    name: implemented,
    trust_bundle: implemented,
  }),
  fieldsOf(SdsSecretConfigSchema, {
    name: implemented,
    sds_config: implementedNote("Without it the secret is one of `static_resources.secrets`."),
  }),
  fieldsOf(ConfigSourceSchema, {
    path: implemented,
    path_config_source: implemented,
    initial_fetch_timeout: harmless(NO_SERVER),
    resource_api_version: onlyValues("AUTO", "V3"),
  }),
  fieldsOf(PathConfigSourceSchema, { path: implemented, watched_directory: implemented }),
  fieldsOf(SecretSchema, {
    name: implemented,
    tls_certificate: implemented,
    session_ticket_keys: implemented,
    validation_context: implemented,
  }),
  fieldsOf(DiscoveryResponseSchema, {
    version_info: harmless(NO_SERVER),
    resources: extension(SecretSchema, ResourceSchema),
    type_url: harmless("The type of each resource says what it is."),
    nonce: harmless(NO_SERVER),
  }),
  fieldsOf(ResourceSchema, {
    name: harmless("The name inside the secret counts, as in Envoy."),
    version: harmless(NO_SERVER),
    resource: extension(SecretSchema),
  }),
];
