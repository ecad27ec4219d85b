import type { X509Certificate } from "node:crypto";

/** Certificates that a peer may send along. */
const CERTIFICATES_MAX = 32;

/**
 * The shortest path from a certificate up to one of the anchors, the anchor last, or null. Each
 * step was signed by the next, which is a valid authority. It comes on top of what OpenSSL finds,
 * and tells how long the path is and where it ends, which node does not say.
 *
 * @param sent What the peer sent beside its certificate, in any order.
 */
export function findTrustPath(
  leaf: X509Certificate,
  sent: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
  now: Date,
): readonly X509Certificate[] | null {
  if (anchors.some((anchor) => anchor.raw.equals(leaf.raw))) return [leaf];
  const others = sent.slice(0, CERTIFICATES_MAX);
  let paths: (readonly X509Certificate[])[] = [[leaf]];
  const seen = new Set<string>([leaf.fingerprint256]);
  // Breadth first; each certificate is entered once, so this ends.
  while (paths.length > 0) {
    const next: (readonly X509Certificate[])[] = [];
    for (const path of paths) {
      const last = path[path.length - 1];
      const anchor = anchors.find((each) => isIssuer(each, last, now));
      if (anchor !== undefined) return [...path, anchor];
      for (const other of others) {
        if (seen.has(other.fingerprint256) || !isIssuer(other, last, now)) continue;
        seen.add(other.fingerprint256);
        next.push([...path, other]);
      }
    }
    paths = next;
  }
  return null;
}

function isIssuer(issuer: X509Certificate, subject: X509Certificate, now: Date): boolean {
  if (!issuer.ca || now < issuer.validFromDate || now > issuer.validToDate) return false;
  return subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}
