import assert from "node:assert/strict";
import { renderGrpcMessage } from "../../../../bench/backend/grpc-message.ts";

describe("bench/backend/grpc-message", () => {
  it("renderGrpcMessage: not compressed, four bytes of length, then the message", () => {
    assert.equal(renderGrpcMessage(3).toString("hex"), "0000000003787878");
    assert.equal(renderGrpcMessage(258).subarray(0, 5).toString("hex"), "0000000102");
  });
});
