import assert from "node:assert/strict";
import { chunkAttacks } from "./attack/chunk.ts";
import { codingAttacks } from "./attack/coding.ts";
import { HEAD_ATTACKS } from "./attack/head.ts";
import { lengthAttacks } from "./attack/length.ts";
import { GuardedBackend } from "./guarded-backend.ts";
import { exchange, type Sending } from "./raw-client.ts";

const SENDINGS: readonly Sending[] = ["at once", "byte by byte"];

describe("smuggling: requests", () => {
  let guarded: GuardedBackend;
  before(async function () {
    this.timeout(60_000);
    guarded = await GuardedBackend.open();
  });
  after(() => guarded.close());
  beforeEach(() => guarded.backend.reset());

  const attacks = [...lengthAttacks(), ...codingAttacks(), ...chunkAttacks(), ...HEAD_ATTACKS];
  for (const { name, bytes, status, details } of attacks) {
    it(`${name}: the answer is ${status ?? 400}, and nothing goes through`, async () => {
      for (const sending of SENDINGS) {
        const { responses, rest, isClosed } = await exchange(guarded.port, bytes, sending, 1);
        assert.deepEqual(
          responses.map((response) => [response.status, response.body]),
          [[status ?? 400, details]],
          sending,
        );
        assert.deepEqual([rest, isClosed], ["", true], sending);
        assert.equal(responses[0].headers.get("connection"), "close");
        assert.deepEqual(guarded.backend.requests, [], sending);
        assert.ok(!guarded.backend.text.includes("smuggled"));
      }
    });
  }
});
