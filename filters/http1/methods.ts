/* The request methods that are let through unless custom ones are allowed. */
import { equalBytes } from "../memory/bytes.ts";

/** The ones that Envoy's parser knows. */
const METHODS =
  "GET POST HEAD PUT DELETE OPTIONS PATCH CONNECT TRACE ACL BIND CHECKOUT COPY LINK LOCK MERGE " +
  "MKACTIVITY MKCALENDAR MKCOL MOVE MSEARCH NOTIFY PROPFIND PROPPATCH PURGE QUERY REBIND " +
  "REPORT SEARCH SOURCE SUBSCRIBE UNBIND UNLINK UNLOCK UNSUBSCRIBE ";

const text: usize = memory.data(512);

/** Copies the list where it can be compared. Called once when the module starts. */
export function buildMethods(): void {
  for (let i = 0; i < METHODS.length; i++) store<u8>(text + i, <u8>METHODS.charCodeAt(i));
}

/** True for a method of the list; methods are case-sensitive. */
export function isKnownMethod(bytes: usize, length: i32): bool {
  // "GET " and "POST" are most of all traffic.
  if (length == 3 && (load<u32>(bytes) & 0xffffff) == 0x544547) return true;
  let from = 0;
  for (let i = 0; i < METHODS.length; i++) {
    if (load<u8>(text + i) != 32) continue;
    if (i - from == length && equalBytes(text + from, bytes, length)) return true;
    from = i + 1;
  }
  return false;
}
