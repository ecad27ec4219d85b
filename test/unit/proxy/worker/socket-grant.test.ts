import assert from "node:assert/strict";
import {
  claimSocket,
  grantSockets,
  reclaimSockets,
} from "../../../../proxy/worker/socket-grant.ts";

const SOCKETS = [
  { listener: "a", place: 0, fd: 10 },
  { listener: "a", place: 1, fd: 11 },
  { listener: "b", place: 0, fd: 12 },
];

describe("socket grant", () => {
  it("claimSocket: finds the descriptor by listener and place, and gives it once", () => {
    const grant = grantSockets(SOCKETS);
    assert.equal(claimSocket(grant, "a", 1), 11);
    assert.equal(claimSocket(grant, "a", 1), null);
    assert.equal(claimSocket(grant, "b", 1), null);
    assert.equal(claimSocket(grant, "c", 0), null);
  });

  it("reclaimSockets: gives what nobody claimed, once, and then nobody can", () => {
    const grant = grantSockets(SOCKETS);
    assert.equal(claimSocket(grant, "a", 0), 10);
    assert.deepEqual(reclaimSockets(grant), [11, 12]);
    assert.deepEqual(reclaimSockets(grant), []);
    assert.equal(claimSocket(grant, "b", 0), null);
  });

  it("claimSocket: a copy on another thread claims for all", () => {
    const grant = grantSockets(SOCKETS);
    assert.equal(claimSocket(structuredClone(grant), "b", 0), 12);
    assert.deepEqual(reclaimSockets(grant), [10, 11]);
  });
});
