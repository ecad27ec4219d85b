import { nodeCrypto } from "../../engine/node-tls.ts";
import type { ClientHello } from "./client-hello.ts";

/**
 * The JA3 fingerprint of a ClientHello: MD5 of the numbers in it, in hexadecimal. As in Envoy the
 * groups keep the values that mean nothing, which the authors of JA3 leave out.
 */
export function toJa3(hello: ClientHello): string {
  const { version, cipherSuites, extensions, groups, pointFormats } = hello;
  const text = [
    `${version}`,
    withoutGrease(cipherSuites).join("-"),
    withoutGrease(extensions).join("-"),
    groups.join("-"),
    pointFormats.join("-"),
  ].join(",");
  return nodeCrypto().createHash("md5").update(text).digest("hex");
}

/** Without the values that mean nothing. RFC 8701 §2. */
function withoutGrease(values: readonly number[]): readonly number[] {
  return values.filter((value) => (value & 0x0f0f) !== 0x0a0a || value >> 8 !== (value & 0xff));
}
