import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import * as facts from "../../api/engine/tls/tls-facts.ts";
import type { ForwardedDetails } from "../config/model.ts";
import type { NameKind } from "../config/tls-model.ts";
import { presentedPeer } from "./socket/tls-socket.ts";
import { readAlternativeNames } from "./certificate/alternative-names.ts";

/** What there is to tell of a connection. */
export interface ToldConnection {
  readonly own: X509Certificate | null;
  readonly peer: X509Certificate | null;
  /** What the peer sent beside its certificate, its issuer first; read when it is asked for. */
  readonly sent: readonly X509Certificate[];
  /** What of the peer's certificate goes into `x-forwarded-client-cert`; null for nothing. */
  readonly forwarded: ForwardedDetails | null;
  readonly version: string;
  readonly cipher: string;
  /** In hexadecimal. */
  readonly sessionId: string;
  readonly group: string;
  /** The name that was sent for SNI. */
  readonly serverName: string;
  readonly inspected: Inspected;
}

/** What the TLS inspector found in a ClientHello. */
export interface Inspected {
  /** Empty for none, and below. */
  readonly serverName: string;
  readonly ja3: string;
}

/** The TLS inspector has not looked at the connection, or has found nothing. */
export const NOT_INSPECTED: Inspected = { serverName: "", ja3: "" };

type Tell = (told: ToldConnection) => string;

function ofPeer(tell: (peer: X509Certificate) => string): Tell {
  return ({ peer }) => (peer === null ? "" : tell(peer));
}

function ofOwn(tell: (own: X509Certificate) => string): Tell {
  return ({ own }) => (own === null ? "" : tell(own));
}

/** The certificates that the peer sent, its own first. */
function ofChain(tell: (certificate: X509Certificate) => string): Tell {
  return ofPeerAnd((peer, sent) => [peer, ...sent].map(tell).join(","));
}

/** The certificate behind the peer's own. */
function ofIssuer(tell: (certificate: X509Certificate) => string): Tell {
  return ofPeerAnd((_, [issuer]) => (issuer === undefined ? "" : tell(issuer)));
}

function ofPeerAnd(
  tell: (peer: X509Certificate, sent: readonly X509Certificate[]) => string,
): Tell {
  return (told) => (told.peer === null ? "" : tell(told.peer, sentBy(told)));
}

function names(kind: NameKind): (certificate: X509Certificate) => string {
  return (certificate) => namesOf(certificate, kind).join(",");
}

const serial = ({ serialNumber }: X509Certificate): string => serialNumber.toLowerCase();
const sha256 = ({ fingerprint256 }: X509Certificate): string => toHex(fingerprint256);
const sha1 = ({ fingerprint }: X509Certificate): string => toHex(fingerprint);

/** Texts by `FACT_*`. */
const TELLS: ReadonlyMap<number, Tell> = new Map([
  [facts.FACT_FORWARDED_CERTIFICATE, toElement],
  [facts.FACT_TLS_VERSION, ({ version }) => version],
  [facts.FACT_TLS_CIPHER, ({ cipher }) => cipher],
  [facts.FACT_TLS_SESSION_ID, ({ sessionId }) => sessionId],
  [facts.FACT_TLS_GROUP, ({ group }) => group],
  [facts.FACT_SERVER_NAME, ({ serverName }) => serverName],
  [facts.FACT_REQUESTED_SERVER_NAME, ({ inspected }) => toLogged(inspected.serverName)],
  [facts.FACT_JA3, ({ inspected }) => inspected.ja3],
  [facts.FACT_PEER_SUBJECT, ofPeer(({ subject }) => toRfc2253(subject))],
  [facts.FACT_PEER_ISSUER, ofPeer(({ issuer }) => toRfc2253(issuer))],
  [facts.FACT_PEER_CERT, ofPeer(toEscapedPem)],
  [facts.FACT_PEER_URI_SAN, ofPeer(names("uri"))],
  [facts.FACT_PEER_DNS_SAN, ofPeer(names("dns"))],
  [facts.FACT_PEER_IP_SAN, ofPeer(names("ip"))],
  [facts.FACT_PEER_EMAIL_SAN, ofPeer(names("email"))],
  [facts.FACT_PEER_OTHERNAME_SAN, ofPeer(names("other"))],
  [facts.FACT_PEER_FINGERPRINT_256, ofPeer(sha256)],
  [facts.FACT_PEER_FINGERPRINT_1, ofPeer(sha1)],
  [facts.FACT_PEER_SERIAL, ofPeer(serial)],
  [facts.FACT_PEER_CHAIN_FINGERPRINTS_256, ofChain(sha256)],
  [facts.FACT_PEER_CHAIN_FINGERPRINTS_1, ofChain(sha1)],
  [facts.FACT_PEER_CHAIN_SERIALS, ofChain(serial)],
  [facts.FACT_PEER_ISSUER_FINGERPRINT_256, ofIssuer(sha256)],
  [facts.FACT_PEER_ISSUER_SERIAL, ofIssuer(serial)],
  [facts.FACT_LOCAL_SUBJECT, ofOwn(({ subject }) => toRfc2253(subject))],
  [facts.FACT_LOCAL_URI_SAN, ofOwn(names("uri"))],
  [facts.FACT_LOCAL_DNS_SAN, ofOwn(names("dns"))],
  [facts.FACT_LOCAL_IP_SAN, ofOwn(names("ip"))],
  [facts.FACT_LOCAL_EMAIL_SAN, ofOwn(names("email"))],
  [facts.FACT_LOCAL_OTHERNAME_SAN, ofOwn(names("other"))],
]);

/** Moments by `FACT_*`. */
const MOMENTS: ReadonlyMap<number, (peer: X509Certificate) => Date> = new Map([
  [facts.FACT_PEER_CERT_V_START, ({ validFromDate }) => validFromDate],
  [facts.FACT_PEER_CERT_V_END, ({ validToDate }) => validToDate],
]);

/**
 * The bytes of those facts that are asked for, by place.
 *
 * @param asked Bits `1 << FACT_*`.
 */
export function factsOf(told: ToldConnection, asked: number): ReadonlyMap<number, Uint8Array> {
  const bytes = new Map<number, Uint8Array>();
  for (let place = 0; place < facts.FACT_COUNT; place++) {
    if ((asked & (1 << place)) === 0) continue;
    const moment = MOMENTS.get(place);
    if (moment === undefined)
      bytes.set(place, Buffer.from(TELLS.get(place)?.(told) ?? "", "latin1"));
    else if (told.peer !== null) {
      bytes.set(place, new Uint8Array(Float64Array.of(moment(told.peer).getTime()).buffer));
    }
  }
  return bytes;
}

/** Node completes a chain with the root that is trusted here, which peers do not send. */
function sentBy({ sent }: ToldConnection): readonly X509Certificate[] {
  return sent.filter(({ issuer, subject }) => issuer !== subject);
}

/**
 * What access control takes for the names of a peer, or null without a certificate: those in URIs,
 * those of DNS, and its subject. Envoy `AuthenticatedMatcher`.
 */
export function principalsOf(socket: TLSSocket): readonly string[] | null {
  const { certificate } = presentedPeer(socket, false);
  if (certificate === null) return null;
  const names = readAlternativeNames(certificate.raw);
  const valuesOf = (kind: NameKind): readonly string[] =>
    names.filter((name) => name.kind === kind).map(({ value }) => value);
  return [...valuesOf("uri"), ...valuesOf("dns"), toRfc2253(certificate.subject)];
}

/** A name that could end a line of a log is left out: it is the peer's choice. */
function toLogged(name: string): string {
  return /^[\x21-\x7e]*$/.test(name) ? name : "";
}

/** An element of `x-forwarded-client-cert`, with its parts in Envoy's order. */
function toElement(told: ToldConnection): string {
  const { own, peer, forwarded } = told;
  if (peer === null || forwarded === null) return "";
  const parts = own === null ? [] : namesOf(own, "uri").map((uri) => `By=${uri}`);
  parts.push(`Hash=${sha256(peer)}`);
  if (forwarded.cert) parts.push(`Cert="${toEscapedPem(peer)}"`);
  if (forwarded.chain) {
    parts.push(`Chain="${[peer, ...sentBy(told)].map(toEscapedPem).join("")}"`);
  }
  if (forwarded.subject) parts.push(`Subject="${escapeQuotes(toRfc2253(peer.subject))}"`);
  if (forwarded.uri) {
    const uris = namesOf(peer, "uri");
    parts.push(...(uris.length === 0 ? ["URI="] : uris.map((uri) => `URI=${uri}`)));
  }
  if (forwarded.dns) parts.push(...namesOf(peer, "dns").map((name) => `DNS=${name}`));
  return parts.join(";");
}

function toEscapedPem(certificate: X509Certificate): string {
  return encodeURIComponent(certificate.toString());
}

/** What would end the quoted text, or the header, does not: names are the peer's choice. */
function escapeQuotes(text: string): string {
  return text.replaceAll(/(?<!\\)"/g, '\\"');
}

/** Separators in a name could forge another element, and control characters a header. */
function namesOf(certificate: X509Certificate, kind: NameKind): readonly string[] {
  return readAlternativeNames(certificate.raw)
    .filter((name) => name.kind === kind && isPlain(name.value))
    .map(({ value }) => value);
}

/** Printable ASCII without what has a meaning in `x-forwarded-client-cert`. */
function isPlain(name: string): boolean {
  return /^[\x21-\x7e]*$/.test(name) && !/[,;"]/.test(name);
}

/** The parts of a name in the order of RFC 2253, last first. Node has one in each line. */
function toRfc2253(name: string | undefined): string {
  return (name ?? "")
    .split("\n")
    .reverse()
    .join(",")
    .replaceAll(/[^\x20-\x7e]/g, "?");
}

function toHex(fingerprint: string): string {
  return fingerprint.replaceAll(":", "").toLowerCase();
}
