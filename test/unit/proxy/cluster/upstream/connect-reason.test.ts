import assert from "node:assert/strict";
import {
  connectReason,
  sourceReason,
} from "../../../../../proxy/cluster/upstream/connect-reason.ts";

const IPV4 = { address: "192.0.2.1", mark: 0 };

describe("connectReason", () => {
  for (const [code, reason] of [
    ["ECONNREFUSED", "delayed connect error: Connection refused"],
    ["ENOENT", "delayed connect error: No such file or directory"],
    ["ESOMETHING", "delayed connect error: ESOMETHING"],
  ]) {
    it(`connectReason: ${code} is told in words where there are some`, () => {
      assert.equal(connectReason(Object.assign(new Error("x"), { code })), reason);
    });
  }

  for (const [fault, source, reason] of [
    [{ step: "bind", code: "EINVAL" }, IPV4, "failed to bind to 192.0.2.1:0: Invalid argument"],
    [
      { step: "bind", code: "EOTHER" },
      { address: "2001:db8::1", mark: 0 },
      "failed to bind to [2001:db8::1]:0: EOTHER",
    ],
    [
      { step: "transparency", code: "EPERM" },
      IPV4,
      "cannot set IP_TRANSPARENT: Operation not permitted",
    ],
    [{ step: "mark", code: "EPERM" }, IPV4, "cannot set SO_MARK: Operation not permitted"],
    [{ step: "socket", code: "EMFILE" }, IPV4, "cannot make a socket: Too many open files"],
  ] as const) {
    it(`sourceReason: ${reason}`, () => assert.equal(sourceReason(fault, source), reason));
  }
});
