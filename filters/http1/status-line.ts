/* Status lines with the registered reason phrases, made once each. RFC 9110 §15. */
import { allocate } from "../memory/slab.ts";
import { writeAscii } from "../memory/bytes.ts";

/** Status codes are 100 to 599. */
const STATUS_COUNT: u32 = 500;
/** One line per status: address and length. */
const lines: usize = memory.data(500 * 8);

/** Address of `HTTP/1.1 NNN Reason CR LF` for a status from 100 to 599. */
export function statusLine(status: i32): usize {
  if (<u32>(status - 100) >= STATUS_COUNT) unreachable();
  const row = lines + (<usize>(status - 100) << 3);
  if (load<u32>(row) == 0) buildLine(row, status);
  return load<u32>(row);
}

/** Length of that line. Call `statusLine` first. */
// @ts-ignore: decorator
@inline
export function statusLineLength(status: i32): i32 {
  return load<i32>(lines + (<usize>(status - 100) << 3), 4);
}

function buildLine(row: usize, status: i32): void {
  const line = allocate(80);
  let at = line + writeAscii(line, "HTTP/1.1 ");
  store<u8>(at, <u8>(48 + status / 100));
  store<u8>(at, <u8>(48 + ((status / 10) % 10)), 1);
  store<u8>(at, <u8>(48 + (status % 10)), 2);
  store<u8>(at, 32, 3);
  at += 4;
  at += writeAscii(at, reasonOf(status));
  store<u16>(at, 0x0a0d);
  store<u32>(row, <u32>line);
  store<u32>(row, <u32>(at + 2 - line), 4);
}

/** Phrases in the words of Envoy, so that tests of the two agree. */
function reasonOf(status: i32): string {
  if (status < 200) return informational(status);
  if (status < 300) return success(status);
  if (status < 400) return redirection(status);
  return status < 500 ? clientError(status) : serverError(status);
}

function informational(status: i32): string {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 102: return "Processing";
    case 103: return "Early Hints";
    default: return "Unknown";
  }
}

function success(status: i32): string {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 203: return "Non-Authoritative Information";
    case 204: return "No Content";
    case 205: return "Reset Content";
    case 206: return "Partial Content";
    case 207: return "Multi-Status";
    case 208: return "Already Reported";
    case 226: return "IM Used";
    default: return "Unknown";
  }
}

function redirection(status: i32): string {
  switch (status) {
    case 300: return "Multiple Choices";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 305: return "Use Proxy";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    default: return "Unknown";
  }
}

function clientError(status: i32): string {
  switch (status) {
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 407: return "Proxy Authentication Required";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Payload Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Entity";
    case 423: return "Locked";
    case 424: return "Failed Dependency";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    default: return "Unknown";
  }
}

function serverError(status: i32): string {
  switch (status) {
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 506: return "Variant Also Negotiates";
    case 507: return "Insufficient Storage";
    case 508: return "Loop Detected";
    case 510: return "Not Extended";
    case 511: return "Network Authentication Required";
    default: return "Unknown";
  }
}
