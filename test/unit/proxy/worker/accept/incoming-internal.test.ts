import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { FlushQueue } from "../../../../../proxy/engine/flush-queue.ts";
import { InternalTransport } from "../../../../../proxy/engine/internal-transport.ts";
import { TransportStream } from "../../../../../proxy/tls/socket/transport-stream.ts";
import { IncomingInternal } from "../../../../../proxy/worker/accept/incoming-internal.ts";
import { loadEngine } from "../../../../support/load-engine.ts";

const ORIGIN = {
  state: [{ key: "who", value: "me", flags: 0 }],
  metadata: [{ path: "istio:a", text: "b", isJson: false }],
  endpointId: "10.0.0.1:80",
};

describe("IncomingInternal", () => {
  const engine = loadEngine();
  let near: InternalTransport;
  let incoming: IncomingInternal;

  beforeEach(() => {
    const [one, other] = InternalTransport.pair(engine, new FlushQueue());
    near = one;
    incoming = new IncomingInternal(engine, other, ORIGIN, "inner");
  });

  it("facts: names for ends that have no address, and what came along", () => {
    const { facts, origin } = incoming;
    assert.equal(facts.ends.localName, "envoy://inner/10.0.0.1:80");
    assert.equal(facts.ends.remoteName, "envoy://internal_client_address/");
    assert.equal(facts.ends.localAddress, "");
    assert.equal(facts.filterState("who"), "me");
    assert.equal(facts.filterState("other"), null);
    assert.equal(facts.metadata.get("istio")?.get("a"), "b");
    assert.equal(origin, ORIGIN);
  });

  it("listen: bytes are told, and that the other end is gone", async () => {
    const told: string[] = [];
    incoming.listen({
      onBytes: (bytes) => told.push(Buffer.from(bytes).toString()),
      onGone: () => told.push("gone"),
    });
    near.writeBytes(Buffer.from("hello"));
    await setImmediate();
    assert.deepEqual(told, ["hello"]);
    near.destroy();
    await setImmediate();
    assert.equal(told[1], "gone");
  });

  it("takeHandle: TLS gets a stream of what comes", async () => {
    const stream = incoming.takeHandle();
    assert.ok(stream instanceof TransportStream);
    near.writeBytes(Buffer.from("hello"));
    await setImmediate();
    assert.equal(String(stream.read()), "hello");
  });

  it("close: the other end is gone at once", () => {
    incoming.close();
    assert.ok(near.isLost);
  });
});
