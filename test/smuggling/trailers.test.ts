import assert from "node:assert/strict";
import { GuardedBackend, type TrailerSides } from "./guarded-backend.ts";
import { exchange } from "./raw-client.ts";

const HEAD = "POST / HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n";
const BODY = "2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n";
const ANSWER = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${BODY}`;
const WITH = "2\r\nhi\r\n0\r\nx-sum: 1\r\n\r\n";
const WITHOUT = "2\r\nhi\r\n0\r\n\r\n";

const cases: { sides: TrailerSides; passes: boolean }[] = [
  { sides: {}, passes: false },
  { sides: { downstream: true }, passes: false },
  { sides: { upstream: true }, passes: false },
  { sides: { downstream: true, upstream: true }, passes: true },
];

describe("smuggling: trailers", () => {
  for (const { sides, passes } of cases) {
    const name = Object.keys(sides).join(" and ") || "no side";
    it(`trailers: enabled on ${name}, they ${passes ? "go through" : "are dropped"}`, async () => {
      const guarded = await GuardedBackend.open(sides);
      try {
        guarded.backend.reset({ bytes: ANSWER });
        const { text } = await exchange(guarded.port, HEAD + BODY, "at once", 1);
        const want = passes ? WITH : WITHOUT;
        assert.ok(guarded.backend.text.endsWith(`\r\n\r\n${want}`), guarded.backend.text);
        assert.ok(text.endsWith(`\r\n\r\n${want}`), text);
      } finally {
        await guarded.close();
      }
    });
  }
});
