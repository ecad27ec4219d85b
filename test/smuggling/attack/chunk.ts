import { type Attack, CHARACTERS, CODEC, EMPTY_CHUNKED, SMUGGLED, toHead } from "./attack.ts";

const CHUNKED = toHead(["Transfer-Encoding: chunked"]);

/** Chunks whose end not all see at the same place. */
export function chunkAttacks(): Attack[] {
  const chunks: [string, string][] = [
    ["a bare LF behind the size", `5\nhello\r\n${EMPTY_CHUNKED}${SMUGGLED}`],
    ["a bare LF in an extension", `5;a\nhello\r\n${EMPTY_CHUNKED}${SMUGGLED}`],
    ["a bare CR in an extension", `5;a\rb\r\nhello\r\n${EMPTY_CHUNKED}${SMUGGLED}`],
    ["a space behind the size", `5 \r\nhello\r\n${EMPTY_CHUNKED}${SMUGGLED}`],
    ["a prefix before the size", `0x5\r\nhello\r\n${EMPTY_CHUNKED}${SMUGGLED}`],
    ["a sign before the size", `+5\r\nhello\r\n${EMPTY_CHUNKED}${SMUGGLED}`],
    ["an underscore in the size", `0_5\r\nhello\r\n${EMPTY_CHUNKED}${SMUGGLED}`],
    ["a size over 64 bits", `100000000000000005\r\nhello\r\n${EMPTY_CHUNKED}${SMUGGLED}`],
    ["a negative size", `-1\r\nhello\r\n${EMPTY_CHUNKED}${SMUGGLED}`],
    ["no size", `\r\nhello\r\n${EMPTY_CHUNKED}${SMUGGLED}`],
    ["data longer than its size", `5\r\nhelloXX\r\n${EMPTY_CHUNKED}${SMUGGLED}`],
    ["data shorter than its size", `7\r\nhello\r\n${EMPTY_CHUNKED}${SMUGGLED}`],
    ["a bare LF behind the data", `5\r\nhello\n${EMPTY_CHUNKED}${SMUGGLED}`],
    ["other bytes for the line end behind the data", `5\r\nhelloXX${EMPTY_CHUNKED}${SMUGGLED}`],
    ["a bare LF behind the last size", `0\n\r\n${SMUGGLED}`],
    ["a bare LF at the end", `0\r\n\n${SMUGGLED}`],
    ["a trailer that sets the length", `0\r\nContent-Length: 35\r\n\r\n${SMUGGLED}`],
    ["a trailer that sets the coding", `0\r\nTransfer-Encoding: chunked\r\n\r\n${SMUGGLED}`],
    ["a trailer that sets the host", `0\r\nHost: c\r\n\r\n${SMUGGLED}`],
    ["a request for a trailer", `0\r\n${SMUGGLED}`],
    ["a folded trailer", `0\r\na: b\r\n c\r\n\r\n${SMUGGLED}`],
  ];
  const names = /request for a trailer/;
  return chunks.map(([name, body]) => {
    return { name, bytes: CHUNKED + body, details: names.test(name) ? CHARACTERS : CODEC };
  });
}
