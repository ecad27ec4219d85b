import { type Attack, CHARACTERS, CODEC, EMPTY_CHUNKED, SMUGGLED, toHead } from "./attack.ts";

const CODING = "http1.invalid_transfer_encoding";
const BOTH = "http1.content_length_and_chunked_not_allowed";

/** CL.TE, TE.CL and TE.TE: codings that not all recognize. */
export function codingAttacks(): Attack[] {
  const tail = EMPTY_CHUNKED + SMUGGLED;
  const length = `Content-Length: ${tail.length}`;
  const chunked = "Transfer-Encoding: chunked";
  const odd = (fields: string[], details = CODING): Attack => {
    return { name: `TE.TE ${JSON.stringify(fields)}`, bytes: `${toHead(fields)}${tail}`, details };
  };
  return [
    { name: "CL.TE", bytes: `${toHead([length, chunked])}${tail}`, details: BOTH },
    { name: "TE.CL", bytes: `${toHead([chunked, "Content-Length: 4"])}${tail}`, details: BOTH },
    {
      name: "CL.TE with length 0",
      bytes: `${toHead(["Content-Length: 0", chunked])}${tail}`,
      details: BOTH,
    },
    { ...odd([length, "Transfer-Encoding: xchunked"]) },
    odd([length, "Transfer-Encoding: chunked, cow"]),
    odd([length, "Transfer-Encoding: cow, chunked"]),
    odd([length, "Transfer-Encoding: chunked;a=b"]),
    odd([length, 'Transfer-Encoding: "chunked"']),
    odd([length, "Transfer-Encoding: chunked,"]),
    odd([length, "Transfer-Encoding: ,chunked"]),
    odd([length, "Transfer-Encoding:"]),
    odd([chunked, chunked]),
    odd([chunked, "Transfer-Encoding: identity"]),
    odd(["Transfer-Encoding: identity", chunked]),
    odd([chunked, "Transfer-Encoding: cow"]),
    odd([length, "Transfer-Encoding: \x0bchunked"], CHARACTERS),
    odd([length, "Transfer-Encoding: chunked\x0c"], CHARACTERS),
    odd([length, "Transfer-Encoding: chunked\xa0"]),
    odd([length, "Transfer-Encoding : chunked"], CHARACTERS),
    odd([length, "Transfer-Encoding\t: chunked"], CHARACTERS),
    odd([length, " Transfer-Encoding: chunked"], CODEC),
    odd([length, "X: y", "\tTransfer-Encoding: chunked"], CODEC),
    odd([length, "X: y\rTransfer-Encoding: chunked"], CODEC),
    odd([length, "X: y\nTransfer-Encoding: chunked"], CODEC),
    odd([length, "Transfer-Encoding:\n chunked"], CODEC),
    odd([length, "Transfer-Encoding:\r\n chunked"], CODEC),
    odd([length, "Transfer\0-Encoding: chunked"], CHARACTERS),
    odd([length, "Transfer-Encoding: chun\0ked"], CHARACTERS),
    odd([length, "Transfer\xadEncoding: chunked"], CHARACTERS),
    { ...odd([length, "Transfer-Encoding: identity"]), status: 501 },
    { ...odd([length, "Transfer-Encoding: gzip, chunked"]), status: 501 },
    { ...odd(["Transfer-Encoding: gzip"]), status: 501 },
    {
      name: "chunked in HTTP/1.0",
      bytes: `${toHead([chunked, "Connection: keep-alive"], "POST / HTTP/1.0")}${tail}`,
      details: "http1.transfer_encoding_not_allowed",
    },
  ];
}
