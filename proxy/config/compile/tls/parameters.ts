import {
  type TlsParameters,
  TlsParameters_TlsProtocol as Protocol,
} from "../../../../api/gen/envoy/extensions/transport_sockets/tls/v3/common_pb.js";
import type { FieldPath } from "../../field-path.ts";
import type { TlsContextModel, TlsVersion } from "../../tls-model.ts";
import { refuse } from "../route/route-setting.ts";

/** Envoy's default list, for both sides. */
const CIPHERS: readonly string[] = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-RSA-CHACHA20-POLY1305",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
];
const CURVES: readonly string[] = ["X25519MLKEM768", "X25519", "P-256"];
const NAME = /^[\w:+!@=-]+$/;

const VERSIONS: Readonly<Record<Protocol, TlsVersion | null>> = {
  [Protocol.TLS_AUTO]: null,
  [Protocol.TLSv1_0]: "TLSv1",
  [Protocol.TLSv1_1]: "TLSv1.1",
  [Protocol.TLSv1_2]: "TLSv1.2",
  [Protocol.TLSv1_3]: "TLSv1.3",
};
const ORDER: readonly TlsVersion[] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

type Parameters = Pick<
  TlsContextModel,
  "versionMin" | "versionMax" | "ciphers" | "curves" | "signatureAlgorithms"
>;

/**
 * Versions and algorithms.
 *
 * @param versionMax The highest version unless one is given: they differ by side.
 * @throws MeshError `CONFIG_INVALID` for what cannot be the name of an algorithm.
 */
export function toParameters(
  parameters: TlsParameters | undefined,
  versionMax: TlsVersion,
  path: FieldPath,
): Parameters {
  const { cipherSuites = [], ecdhCurves = [], signatureAlgorithms = [] } = parameters ?? {};
  const ciphers = cipherSuites.flatMap((entry) => entry.replace(/^\[|\]$/g, "").split("|"));
  checkNames(ciphers, path.field("cipher_suites"));
  checkNames(ecdhCurves, path.field("ecdh_curves"));
  checkNames(signatureAlgorithms, path.field("signature_algorithms"));
  const least = VERSIONS[parameters?.tlsMinimumProtocolVersion ?? Protocol.TLS_AUTO];
  const most = VERSIONS[parameters?.tlsMaximumProtocolVersion ?? Protocol.TLS_AUTO] ?? versionMax;
  if (ORDER.indexOf(least ?? "TLSv1.2") > ORDER.indexOf(most)) {
    const reason = `${least ?? "TLSv1.2"} is above the maximum, ${most}`;
    refuse(path.field("tls_minimum_protocol_version"), reason);
  }
  return {
    versionMin: least ?? "TLSv1.2",
    versionMax: most,
    ciphers: ciphers.length === 0 ? CIPHERS : ciphers,
    curves: ecdhCurves.length === 0 ? CURVES : ecdhCurves,
    signatureAlgorithms,
  };
}

/** The names become one text with colons between, so there must be nothing else in them. */
function checkNames(names: readonly string[], path: FieldPath): void {
  for (const [index, name] of names.entries()) {
    if (!NAME.test(name)) refuse(path.item(index), `'${name}' is no name of an algorithm`);
  }
}
