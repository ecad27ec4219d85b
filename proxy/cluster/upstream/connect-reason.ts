const TEXTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Connection refused",
  EHOSTUNREACH: "No route to host",
  ENETUNREACH: "Network is unreachable",
  ETIMEDOUT: "Connection timed out",
  ECONNRESET: "Connection reset by peer",
  ENOENT: "No such file or directory",
  EACCES: "Permission denied",
  EADDRNOTAVAIL: "Cannot assign requested address",
  EMFILE: "Too many open files",
};

/** Says why a connect failed as Envoy's UPSTREAM_TRANSPORT_FAILURE_REASON does. */
export function connectReason(error: NodeJS.ErrnoException): string {
  const code = error.code ?? "";
  return `delayed connect error: ${TEXTS[code] ?? code}`;
}
