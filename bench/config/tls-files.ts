import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCertificate, type TestCertificate } from "../../test/support/tls/certificate.ts";

/** What our own loads offer. The proxies take what the load likes best: of wrk, AES-256. */
export const TLS_CIPHER_SUITE = "TLS_AES_128_GCM_SHA256";

/** Files of PEM, as the templates name them; made anew for each run of the bench. */
const FILES = {
  authority: "authority.pem",
  server: "server.pem",
  serverKey: "server-key.pem",
  /** Certificate and key in one, as haproxy wants them. */
  serverPair: "server-pair.pem",
  client: "client.pem",
  clientKey: "client-key.pem",
} as const;

/** Makes an authority, and a certificate each for the proxies and for the load: all ECDSA P-256. */
export function writeTlsFiles(folder: string): void {
  const authority = makeCertificate({ subject: [["CN", "Bench"]], isAuthority: true });
  const server = issue(authority, "proxy");
  const client = issue(authority, "load");
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write(FILES.authority, authority.pem);
  write(FILES.server, server.pem);
  write(FILES.serverKey, server.keyPem);
  write(FILES.serverPair, `${server.pem}${server.keyPem}`);
  write(FILES.client, client.pem);
  write(FILES.clientKey, client.keyPem);
}

/** The certificate of the proxies with its key. */
export function toPairPath({ tlsFolder }: { tlsFolder: string }): string {
  return join(tlsFolder, FILES.serverPair);
}

/** Paths of the certificate that the load shows, and of its key. */
export function toClientPaths(tlsFolder: string): { certificate: string; key: string } {
  return { certificate: join(tlsFolder, FILES.client), key: join(tlsFolder, FILES.clientKey) };
}

function issue(issuer: TestCertificate, name: string): TestCertificate {
  const uris = [`spiffe://bench.test/ns/bench/sa/${name}`];
  return makeCertificate({ subject: [["CN", name]], issuer, uris, dns: ["127.0.0.1"] });
}
