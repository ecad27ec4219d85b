import assert from "node:assert/strict";
import { readChunks } from "../../smuggling/plain-request.ts";

const HEAD_END = "\r\n\r\n";

/**
 * Checks that a text is the answer to one request as a proxy may send it: interim responses, then
 * one final response that ends with the text.
 *
 * @param isClosed Whether the connection is closed behind it.
 */
export function checkResponse(text: string, isHeadRequest: boolean, isClosed: boolean): void {
  let rest = text;
  while (true) {
    const end = rest.indexOf(HEAD_END);
    assert.ok(end >= 0, `a response has a head: ${JSON.stringify(rest)}`);
    const [start, ...lines] = rest.slice(0, end).split("\r\n");
    rest = rest.slice(end + HEAD_END.length);
    const status = Number(/^HTTP\/1\.[01] ([1-5]\d\d) [^\r\n\0]*$/.exec(start)?.[1]);
    assert.ok(status >= 100, `a status line: ${JSON.stringify(start)}`);
    const headers = lines.map(readField);
    if (status < 200) continue;
    const isEmpty = isHeadRequest || status === 204 || status === 304;
    checkBody(headers, rest, isEmpty, isClosed);
    return;
  }
}

function readField(line: string): [string, string] {
  const field = /^([!#$%&'*+\-.^_`|~0-9a-zA-Z]+): ([^\r\n\0]*)$/.exec(line);
  assert.ok(field !== null, `a header: ${JSON.stringify(line)}`);
  return [field[1].toLowerCase(), field[2]];
}

function checkBody(
  headers: readonly [string, string][],
  text: string,
  isEmpty: boolean,
  isClosed: boolean,
): void {
  const lengths = headers.filter(([name]) => name === "content-length").map(([, value]) => value);
  const codings = headers.filter(([name]) => name === "transfer-encoding");
  assert.ok(lengths.length + codings.length <= 1, `one way to end: ${JSON.stringify(headers)}`);
  if (isEmpty) assert.equal(text, "");
  else if (codings.length === 1) assert.equal(readChunks(text)?.length, text.length);
  else if (lengths.length === 1) assert.equal(text.length, Number(lengths[0]));
  else assert.ok(isClosed, `a response without an end: ${JSON.stringify(headers)}`);
}
