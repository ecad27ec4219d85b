import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import * as facts from "../../api/engine/tls-facts.ts";
import type { ForwardedDetails } from "../config/model.ts";
import type { NameKind } from "../config/tls-model.ts";
import type { Engine } from "../engine/engine.ts";
import { readAlternativeNames } from "./certificate/alternative-names.ts";
import { presentedPeer } from "./tls-socket.ts";

/**
 * Tells the engine what TLS says of a downstream connection, once.
 *
 * @param record Address of the connection.
 * @param details What of the peer's certificate goes into `x-forwarded-client-cert`.
 */
export function writeFacts(
  engine: Engine,
  record: number,
  socket: TLSSocket,
  details: ForwardedDetails,
): void {
  const { certificate, sent } = presentedPeer(socket, details.chain);
  const own = socket.getX509Certificate() ?? null;
  const texts = factTexts(own, certificate, sent, details);
  texts[facts.FACT_TLS_VERSION] = socket.getProtocol() ?? "";
  texts[facts.FACT_TLS_CIPHER] = socket.getCipher().name;
  engine.calls.setFacts(record, place(engine, texts));
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

/** What our certificate and the peer's say, at the places `FACT_*`. */
export function factTexts(
  own: X509Certificate | null,
  peer: X509Certificate | null,
  sent: readonly X509Certificate[],
  details: ForwardedDetails,
): string[] {
  const texts = new Array<string>(facts.FACT_COUNT).fill("");
  if (own !== null) describeOwn(texts, own);
  if (peer === null) return texts;
  describePeer(texts, peer);
  texts[facts.FACT_FORWARDED_CERTIFICATE] = toElement(own, peer, sent, details);
  return texts;
}

function describeOwn(texts: string[], own: X509Certificate): void {
  texts[facts.FACT_LOCAL_SUBJECT] = toRfc2253(own.subject);
  texts[facts.FACT_LOCAL_URI_SAN] = namesOf(own, "uri").join(",");
  texts[facts.FACT_LOCAL_DNS_SAN] = namesOf(own, "dns").join(",");
  texts[facts.FACT_LOCAL_IP_SAN] = namesOf(own, "ip").join(",");
}

function describePeer(texts: string[], peer: X509Certificate): void {
  texts[facts.FACT_PEER_SUBJECT] = toRfc2253(peer.subject);
  texts[facts.FACT_PEER_ISSUER] = toRfc2253(peer.issuer);
  texts[facts.FACT_PEER_CERT] = encodeURIComponent(peer.toString());
  texts[facts.FACT_PEER_URI_SAN] = namesOf(peer, "uri").join(",");
  texts[facts.FACT_PEER_DNS_SAN] = namesOf(peer, "dns").join(",");
  texts[facts.FACT_PEER_IP_SAN] = namesOf(peer, "ip").join(",");
  texts[facts.FACT_PEER_EMAIL_SAN] = namesOf(peer, "email").join(",");
  texts[facts.FACT_PEER_FINGERPRINT_256] = toHex(peer.fingerprint256);
  texts[facts.FACT_PEER_FINGERPRINT_1] = toHex(peer.fingerprint);
  texts[facts.FACT_PEER_SERIAL] = peer.serialNumber.toLowerCase();
  texts[facts.FACT_PEER_CERT_V_START] = peer.validFromDate.toISOString();
  texts[facts.FACT_PEER_CERT_V_END] = peer.validToDate.toISOString();
}

/** An element of `x-forwarded-client-cert`, with its parts in Envoy's order. */
function toElement(
  own: X509Certificate | null,
  peer: X509Certificate,
  sent: readonly X509Certificate[],
  details: ForwardedDetails,
): string {
  const parts = own === null ? [] : namesOf(own, "uri").map((uri) => `By=${uri}`);
  parts.push(`Hash=${toHex(peer.fingerprint256)}`);
  if (details.cert) parts.push(`Cert="${encodeURIComponent(peer.toString())}"`);
  if (details.chain) {
    // Node completes the chain with the root that is trusted here, which peers do not send.
    const shown = [peer, ...sent.filter(({ issuer, subject }) => issuer !== subject)];
    const chain = shown.map((each) => encodeURIComponent(each.toString()));
    parts.push(`Chain="${chain.join("")}"`);
  }
  if (details.subject) parts.push(`Subject="${escapeQuotes(toRfc2253(peer.subject))}"`);
  if (details.uri) {
    const uris = namesOf(peer, "uri");
    parts.push(...(uris.length === 0 ? ["URI="] : uris.map((uri) => `URI=${uri}`)));
  }
  if (details.dns) parts.push(...namesOf(peer, "dns").map((name) => `DNS=${name}`));
  return parts.join(";");
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

/** Returns the address of the block, which then belongs to whom it is given to. */
function place(engine: Engine, texts: readonly string[]): number {
  const table = facts.FACT_COUNT * facts.FACT_BYTES;
  const bytes = texts.map((text) => Buffer.from(text, "latin1"));
  const length = bytes.reduce((sum, each) => sum + each.length, table);
  const block = engine.calls.allocate(length + SLACK_BYTES);
  let at = table;
  for (const [index, each] of bytes.entries()) {
    const entry = (block + index * facts.FACT_BYTES) >> 2;
    engine.words[entry] = at;
    engine.words[entry + 1] = each.length;
    engine.bytes.set(each, block + at);
    at += each.length;
  }
  return block;
}

/** Bytes that the engine may look at behind a text. */
const SLACK_BYTES = 64;
