import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { nodeCrypto } from "./node-tls.ts";

/** Where Linux and macOS give random bytes that nobody can guess. */
const RANDOM_DEVICE = "/dev/urandom";

/** Bytes of the system's generator, without loading node's cryptography where there is a device. */
export function systemRandom(count: number): Uint8Array {
  if (!existsSync(RANDOM_DEVICE)) return nodeCrypto().randomBytes(count);
  const bytes = new Uint8Array(count);
  const file = openSync(RANDOM_DEVICE, "r");
  try {
    if (readSync(file, bytes) !== count) throw new Error(`${RANDOM_DEVICE} gave too little`);
  } finally {
    closeSync(file);
  }
  return bytes;
}
