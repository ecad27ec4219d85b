import type { ConnectionEnds } from "../../engine/ends.ts";

/**
 * Whether a connection comes from this machine: over a Unix socket, from 127.0.0.1 or ::1, or from
 * the address that it goes to. Envoy's `isSameIpOrLoopback`.
 */
export function isLocal({ remoteAddress, localAddress }: ConnectionEnds): boolean {
  return (
    remoteAddress === "" ||
    remoteAddress === localAddress ||
    remoteAddress === "127.0.0.1" ||
    remoteAddress === "::1"
  );
}
