import type { ConnectionSource } from "../../engine/ends.ts";
import { withPort } from "../../engine/ends.ts";
import type { SourceFault } from "./source-socket.ts";

const TEXTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Connection refused",
  EHOSTUNREACH: "No route to host",
  ENETUNREACH: "Network is unreachable",
  ETIMEDOUT: "Connection timed out",
  ECONNRESET: "Connection reset by peer",
  ENOENT: "No such file or directory",
  EACCES: "Permission denied",
  EADDRNOTAVAIL: "Cannot assign requested address",
  EINVAL: "Invalid argument",
  ENOPROTOOPT: "Protocol not available",
  ENOSYS: "Function not implemented",
  EPERM: "Operation not permitted",
  EMFILE: "Too many open files",
};

/** Says why a connect failed as Envoy's UPSTREAM_TRANSPORT_FAILURE_REASON does. */
export function connectReason(error: NodeJS.ErrnoException): string {
  const code = error.code ?? "";
  return `delayed connect error: ${TEXTS[code] ?? code}`;
}

/** What could not be done to the socket, where that is not its address. */
const STEPS: Readonly<Record<Exclude<SourceFault["step"], "bind">, string>> = {
  load: "cannot bind to sources on this system",
  socket: "cannot make a socket",
  mark: "cannot set SO_MARK",
  transparency: "cannot set IP_TRANSPARENT",
};

/** Says why a socket has not the source that it should have. Envoy does so of addresses only. */
export function sourceReason({ step, code }: SourceFault, { address }: ConnectionSource): string {
  const text = TEXTS[code] ?? code;
  if (step === "bind") return `failed to bind to ${withPort(address, 0)}: ${text}`;
  return `${STEPS[step]}: ${text}`;
}
