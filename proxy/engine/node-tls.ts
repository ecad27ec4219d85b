import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** Node's TLS. To load it takes 5 MB, so a proxy that speaks none does without. */
export function nodeTls(): typeof import("node:tls") {
  return process.getBuiltinModule("node:tls");
}

/** Node's cryptography, which takes 3 MB. */
export function nodeCrypto(): typeof import("node:crypto") {
  return process.getBuiltinModule("node:crypto");
}

/** Whether a socket is one of TLS. */
export function isTlsSocket(socket: Socket): socket is TLSSocket {
  return "encrypted" in socket;
}
