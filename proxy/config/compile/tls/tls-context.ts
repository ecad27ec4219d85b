import { clone, mergeFromBinary, toBinary } from "@bufbuild/protobuf";
import type { Bootstrap } from "../../../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import type { TransportSocket } from "../../../../api/gen/envoy/config/core/v3/base_pb.js";
import {
  type CertificateValidationContext,
  CertificateValidationContextSchema,
  type TlsCertificate,
} from "../../../../api/gen/envoy/extensions/transport_sockets/tls/v3/common_pb.js";
import { RawBufferSchema } from "../../../../api/gen/envoy/extensions/transport_sockets/raw_buffer/v3/raw_buffer_pb.js";
import type { SdsSecretConfig } from "../../../../api/gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import {
  type CommonTlsContext,
  type DownstreamTlsContext,
  DownstreamTlsContextSchema,
  UpstreamTlsContextSchema,
} from "../../../../api/gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import type { Cluster } from "../../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import type { FieldPath } from "../../field-path.ts";
import { unpackAny } from "../../message/any-registry.ts";
import type { CertificateModel, TlsContextModel, ValidationModel } from "../../tls-model.ts";
import { readTransport } from "../cluster-transport.ts";
import { refuse } from "../route/route-setting.ts";
import { readSource, type SourceReader } from "./data-source.ts";
import { toParameters } from "./parameters.ts";
import { SecretNotes } from "./secret-notes.ts";
import { SecretSources } from "./secret-source.ts";
import { toValidation } from "./validation.ts";

/** What clients may negotiate by ALPN. */
const SERVED_PROTOCOLS: readonly string[] = ["h2", "http/1.1", "http/1.0"];

const SESSIONS_MAX = 1;
const TICKET_KEY_BYTES = 80;

/** Turns transport sockets into what workers need of them. */
export class TlsCompiler {
  readonly #reader: SourceReader;
  readonly #secrets: SecretSources;

  constructor(bootstrap: Bootstrap, reader: SourceReader) {
    this.#reader = reader;
    this.#secrets = new SecretSources(reader, bootstrap.staticResources?.secrets ?? []);
  }

  /**
   * The TLS of a listener's filter chain, or null for plain text.
   *
   * @param path Of the transport socket.
   * @throws MeshError `CONFIG_INVALID` for what Envoy refuses, and for secrets that cannot be read.
   */
  downstream(socket: TransportSocket | undefined, path: FieldPath): TlsContextModel | null {
    const at = path.field("typed_config");
    const any = socket?.configType.case === "typedConfig" ? socket.configType.value : undefined;
    if (any === undefined) return null;
    if (unpackAny(any, UpstreamTlsContextSchema) !== null) {
      return refuse(at, "an UpstreamTlsContext is for clusters");
    }
    const context = unpackAny(any, DownstreamTlsContextSchema);
    if (context === null) {
      return unpackAny(any, RawBufferSchema) === null
        ? refuse(at, "a transport socket of this type is for clusters")
        : null;
    }
    const notes = new SecretNotes();
    const common = context.commonTlsContext;
    const certificates = this.#certificates(common, at, notes);
    if (certificates.length === 0) refuse(at, "No TLS certificates found for server context");
    const keyType = context.sessionTicketKeysType;
    const parameters = at.field("common_tls_context").field("tls_params");
    return {
      path: at.toString(),
      certificates,
      validation: this.#validation(common, at, notes),
      ...toParameters(common?.tlsParams, "TLSv1.3", parameters),
      protocols: protocolsOf(common),
      downstream: {
        requiresCertificate: context.requireClientCertificate ?? false,
        scansAllCertificates: context.fullScanCertsOnSniMismatch ?? false,
        ticketKeys: this.#ticketKeys(keyType, at, notes),
        hasTickets: !(keyType.case === "disableStatelessSessionResumption" && keyType.value),
        sessionTimeoutS: Number(context.sessionTimeout?.seconds ?? 0n),
      },
      upstream: null,
      names: notes.names,
      watched: notes.watched,
    };
  }

  /**
   * The TLS of a cluster, or null for plain text.
   *
   * @param path Of the cluster.
   * @throws MeshError `CONFIG_INVALID` for what Envoy refuses, and for secrets that cannot be read.
   */
  upstream(cluster: Cluster, path: FieldPath): TlsContextModel | null {
    const { inner: socket, path: at } = readTransport(cluster, path);
    const any = socket?.configType.case === "typedConfig" ? socket.configType.value : undefined;
    if (any === undefined) return null;
    if (unpackAny(any, DownstreamTlsContextSchema) !== null) {
      return refuse(at, "a DownstreamTlsContext is for listeners");
    }
    const context = unpackAny(any, UpstreamTlsContextSchema);
    if (context === null) return null;
    const notes = new SecretNotes();
    const common = context.commonTlsContext;
    const certificates = this.#certificates(common, at, notes);
    if (certificates.length > 1) {
      refuse(at, "Multiple TLS certificates are not supported for client contexts");
    }
    const parameters = at.field("common_tls_context").field("tls_params");
    const validation = this.#validation(common, at, notes);
    if (context.autoSniSanValidation) checkTrust(validation, at.field("auto_sni_san_validation"));
    return {
      path: at.toString(),
      certificates,
      validation,
      ...toParameters(common?.tlsParams, "TLSv1.2", parameters),
      protocols: common?.alpnProtocols ?? [],
      downstream: null,
      upstream: {
        serverName: context.sni,
        sendsHostname: context.autoHostSni,
        checksServerName: context.autoSniSanValidation,
        sessionsMax: context.maxSessionKeys ?? SESSIONS_MAX,
      },
      names: notes.names,
      watched: notes.watched,
    };
  }

  #certificates(
    common: CommonTlsContext | undefined,
    path: FieldPath,
    notes: SecretNotes,
  ): readonly CertificateModel[] {
    const at = path.field("common_tls_context");
    const own = common?.tlsCertificates ?? [];
    if (own.length > 0) {
      const list = at.field("tls_certificates");
      return own.map((each, index) => {
        notes.addCertificate("");
        return this.#certificate(each, list.item(index));
      });
    }
    const list = at.field("tls_certificate_sds_secret_configs");
    return (common?.tlsCertificateSdsSecretConfigs ?? []).map((config, index) => {
      const found = this.#secrets.find(config, list.item(index));
      const { secret } = found;
      if (secret.case !== "tlsCertificate") {
        return refuse(list.item(index), `secret '${config.name}' is no certificate`);
      }
      const { certificateChain, privateKey, password } = secret.value;
      notes.watch(found, secret.value, [certificateChain, privateKey, password]);
      notes.addCertificate(config.name);
      return this.#certificate(secret.value, found.path.field("tls_certificate"));
    });
  }

  #certificate(certificate: TlsCertificate, path: FieldPath): CertificateModel {
    const { certificateChain, privateKey, password } = certificate;
    const at = path.field("certificate_chain");
    if (certificateChain === undefined) return refuse(at, "value is required");
    const keyPath = path.field("private_key");
    if (privateKey === undefined) return refuse(keyPath, "value is required");
    const chain = readSource(certificateChain, this.#reader, at);
    const key = readSource(privateKey, this.#reader, keyPath);
    const decoder = new TextDecoder();
    const secret =
      password === undefined ? null : readSource(password, this.#reader, path.field("password"));
    return {
      chain: decoder.decode(chain.bytes),
      origin: chain.origin,
      key: decoder.decode(key.bytes),
      keyOrigin: key.origin,
      password: secret === null ? null : decoder.decode(secret.bytes),
    };
  }

  #validation(
    common: CommonTlsContext | undefined,
    path: FieldPath,
    notes: SecretNotes,
  ): ValidationModel | null {
    const choice = common?.validationContextType;
    const at = path.field("common_tls_context");
    switch (choice?.case) {
      case "validationContext":
        return toValidation(choice.value, this.#reader, at.field("validation_context"));
      case "validationContextSdsSecretConfig": {
        const own = at.field("validation_context_sds_secret_config");
        const found = this.#findValidation(choice.value, own, notes);
        return toValidation(found.context, this.#reader, found.path);
      }
      case "combinedValidationContext": {
        const own = at.field("combined_validation_context");
        const { defaultValidationContext: first, validationContextSdsSecretConfig } = choice.value;
        if (first === undefined || validationContextSdsSecretConfig === undefined) {
          return refuse(own, "value is required");
        }
        const config = own.field("validation_context_sds_secret_config");
        const found = this.#findValidation(validationContextSdsSecretConfig, config, notes);
        return toValidation(merge(first, found.context), this.#reader, own);
      }
      default:
        return null;
    }
  }

  #findValidation(config: SdsSecretConfig, path: FieldPath, notes: SecretNotes) {
    const found = this.#secrets.find(config, path);
    const { secret } = found;
    if (secret.case !== "validationContext") {
      return refuse(path, `secret '${config.name}' is no validation context`);
    }
    notes.watch(found, secret.value, [secret.value.trustedCa, secret.value.crl]);
    notes.setAuthority(config.name);
    return { context: secret.value, path: found.path.field("validation_context") };
  }

  #ticketKeys(
    choice: DownstreamTlsContext["sessionTicketKeysType"],
    path: FieldPath,
    notes: SecretNotes,
  ): readonly Uint8Array[] {
    switch (choice.case) {
      case "sessionTicketKeys":
        return this.#readTicketKeys(choice.value.keys, path.field("session_ticket_keys"));
      case "sessionTicketKeysSdsSecretConfig": {
        const at = path.field("session_ticket_keys_sds_secret_config");
        const found = this.#secrets.find(choice.value, at);
        const { secret } = found;
        if (secret.case !== "sessionTicketKeys") {
          return refuse(at, `secret '${choice.value.name}' has no session ticket keys`);
        }
        notes.watch(found, {}, secret.value.keys);
        return this.#readTicketKeys(secret.value.keys, found.path.field("session_ticket_keys"));
      }
      default:
        return [];
    }
  }

  #readTicketKeys(
    keys: readonly Parameters<typeof readSource>[0][],
    path: FieldPath,
  ): readonly Uint8Array[] {
    return keys.map((key, index) => {
      const at = path.field("keys").item(index);
      const { bytes } = readSource(key, this.#reader, at);
      if (bytes.length === TICKET_KEY_BYTES) return bytes;
      const what = `Length was ${bytes.length}, should be ${TICKET_KEY_BYTES}`;
      return refuse(at, `Incorrect TLS session ticket key length. ${what}.`);
    });
  }
}

/** As in Envoy, names say nothing of those whom nobody vouches for. */
function checkTrust(validation: ValidationModel | null, path: FieldPath): void {
  const what = "'auto_sni_san_validation' was configured without";
  if (validation === null) refuse(path, `${what} a validation context`);
  if (validation.authority === null && validation.trustDomains === null) {
    refuse(path, `${what} configuring a trusted CA`);
  }
}

function protocolsOf(common: CommonTlsContext | undefined): readonly string[] {
  return (common?.alpnProtocols ?? []).filter((name) => SERVED_PROTOCOLS.includes(name));
}

/** The secret's fields win, and lists are joined: `Message::MergeFrom()`. */
function merge(
  first: CertificateValidationContext,
  second: CertificateValidationContext,
): CertificateValidationContext {
  const merged = clone(CertificateValidationContextSchema, first);
  return mergeFromBinary(
    CertificateValidationContextSchema,
    merged,
    toBinary(CertificateValidationContextSchema, second),
  );
}
