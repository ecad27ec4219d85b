import assert from "node:assert/strict";
import net from "node:net";
import { ReadGate } from "../../../../proxy/engine/read-gate.ts";

describe("ReadGate", () => {
  function counted() {
    const calls: string[] = [];
    const socket = new net.Socket();
    socket.pause = () => {
      calls.push("pause");
      return socket;
    };
    socket.resume = () => {
      calls.push("resume");
      return socket;
    };
    return { gate: new ReadGate(socket), calls };
  }

  it("resume: nothing happens while it reads", () => {
    const { gate, calls } = counted();
    gate.resume();
    assert.deepEqual(calls, []);
    assert.equal(gate.isPaused, false);
  });

  it("pause and resume: each pause stops, one resume goes on", () => {
    const { gate, calls } = counted();
    gate.pause();
    gate.pause();
    assert.equal(gate.isPaused, true);
    gate.resume();
    gate.resume();
    assert.deepEqual(calls, ["pause", "pause", "resume"]);
    assert.equal(gate.isPaused, false);
  });
});
