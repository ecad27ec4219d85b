import type { IncomingMessage } from "node:http";

/** One answered request, for the access log of the admin interface. */
export interface AdminLogEntry {
  readonly request: IncomingMessage;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly status: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** Writes an entry in Envoy's default format of access logs, with its newline. */
export function formatAdminLogLine(entry: AdminLogEntry): string {
  const { request, startedAt, durationMs, status, receivedBytes, sentBytes } = entry;
  const { method, url, httpVersion } = request;
  const header = (name: string) => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join(",") : (value ?? "-");
  };
  const protocol = `HTTP/${httpVersion}`;
  return (
    `[${startedAt.toISOString()}] "${method} ${url} ${protocol}" ${status} - ${receivedBytes} ` +
    `${sentBytes} ${Math.floor(durationMs)} - "${header("x-forwarded-for")}" ` +
    `"${header("user-agent")}" "${header("x-request-id")}" "${header("host")}" "-"\n`
  );
}
