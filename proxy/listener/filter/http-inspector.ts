import {
  HTTP_INSPECTOR_HTTP10_FOUND,
  HTTP_INSPECTOR_HTTP11_FOUND,
  HTTP_INSPECTOR_HTTP2_FOUND,
  HTTP_INSPECTOR_HTTP_NOT_FOUND,
  HTTP_INSPECTOR_READ_ERROR,
} from "../../../api/engine/network/listener-filter-stats.ts";
import { type ConnectionFacts, RAW_BUFFER } from "../connection-facts.ts";
import type { FilterCounter, FilterVerdict, ListenerFilter } from "./listener-filter.ts";

/** Longest request line that is waited for, in bytes. */
export const INSPECTED_BYTES_MAX = 65_536;
/** What HTTP/2 begins with. RFC 9113 §3.4. */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
const CR = 13;
const LF = 10;

/** What a method may begin with: a character of a token. RFC 9110 §5.6.2. */
const METHOD_START = /[!#$%&'*+.^_`|~0-9A-Za-z-]/;
/** Method, target and version, as loosely parted as Envoy does. RFC 9112 §3. */
const REQUEST_LINE =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]+([^ \t]+)(?:[ \t]+(HTTP\/\d\.\d)?)?[ \t]*$/;
const PATH = /^[/*][^\0\x7f-\xff]*$/;
const URL_WITH_SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^\0\x7f-\xff]*$/;
const AUTHORITY = /^[!-~]+$/;

/** Says whether a connection begins with an HTTP request, and of which version. */
export class HttpInspector implements ListenerFilter {
  readonly takenBytes = 0;
  readonly #facts: ConnectionFacts;
  readonly #stats: FilterCounter;

  constructor(facts: ConnectionFacts, stats: FilterCounter) {
    this.#facts = facts;
    this.#stats = stats;
  }

  onAccept(): FilterVerdict {
    const { transportProtocol } = this.#facts;
    return transportProtocol === "" || transportProtocol === RAW_BUFFER ? "more" : "next";
  }

  onBytes(bytes: Uint8Array): FilterVerdict {
    const begun = Math.min(bytes.length, PREFACE.length);
    if (PREFACE.subarray(0, begun).equals(bytes.subarray(0, begun))) {
      if (begun < PREFACE.length) return "more";
      return this.#found(HTTP_INSPECTOR_HTTP2_FOUND, "h2c");
    }
    // As in Envoy the rest of a line is waited for, whatever it may be.
    if (!METHOD_START.test(String.fromCharCode(bytes[0]))) return this.#notFound();
    const end = bytes.subarray(0, INSPECTED_BYTES_MAX).indexOf(LF);
    if (end < 0) {
      if (bytes.length < INSPECTED_BYTES_MAX) return "more";
      this.#stats.count(HTTP_INSPECTOR_READ_ERROR);
      return "close";
    }
    const length = bytes[end - 1] === CR ? end - 1 : end;
    const version = versionOf(Buffer.from(bytes.subarray(0, length)).toString("latin1"));
    if (version === null) return this.#notFound();
    if (version === "HTTP/1.1") return this.#found(HTTP_INSPECTOR_HTTP11_FOUND, "http/1.1");
    return this.#found(HTTP_INSPECTOR_HTTP10_FOUND, "http/1.0");
  }

  #found(counter: number, protocol: string): FilterVerdict {
    this.#stats.count(counter);
    this.#facts.applicationProtocols = [protocol];
    return "next";
  }

  #notFound(): FilterVerdict {
    this.#stats.count(HTTP_INSPECTOR_HTTP_NOT_FOUND);
    return "next";
  }
}

/** The version that a request line names, empty where it names none; null for no request line. */
function versionOf(line: string): string | null {
  const parts = REQUEST_LINE.exec(line);
  if (parts === null) return null;
  const [, method, target, version = ""] = parts;
  const isTarget =
    PATH.test(target) || (method === "CONNECT" ? AUTHORITY : URL_WITH_SCHEME).test(target);
  return isTarget ? version : null;
}
