import type { X509Certificate } from "node:crypto";
import { nodeCrypto } from "../../engine/node-tls.ts";

/** Blocks of one PEM text that are looked at. */
const BLOCKS_MAX = 10_000;
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g;

/**
 * The blocks of a PEM text that have one of the labels, such as `CERTIFICATE`, each a PEM text of
 * its own.
 */
export function splitPem(text: string, labels: readonly string[]): readonly string[] {
  const blocks: string[] = [];
  for (const match of text.matchAll(BLOCK)) {
    if (blocks.length >= BLOCKS_MAX) break;
    if (labels.includes(match[1])) blocks.push(`${match[0]}\n`);
  }
  return blocks;
}

/** Labels of certificates in PEM. */
export const CERTIFICATE_LABELS = ["CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE"];
/** Label of revocation lists. */
export const REVOCATION_LABELS = ["X509 CRL"];

/**
 * The certificates of a PEM text.
 *
 * @throws Error when one cannot be read.
 */
export function readCertificates(text: string): readonly X509Certificate[] {
  const { X509Certificate: Certificate } = nodeCrypto();
  return splitPem(text, CERTIFICATE_LABELS).map((block) => new Certificate(block));
}
