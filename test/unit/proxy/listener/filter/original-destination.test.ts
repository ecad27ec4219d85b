import assert from "node:assert/strict";
import { ConnectionFacts } from "../../../../../proxy/listener/connection-facts.ts";
import { OriginalDestination } from "../../../../../proxy/listener/filter/original-destination.ts";
import { ENDS } from "../counted-filter.ts";

const LOCAL_KEY = "envoy.filters.listener.original_dst.local_ip";
const REMOTE_KEY = "envoy.filters.listener.original_dst.remote_ip";

describe("OriginalDestination", () => {
  it("OriginalDestination: what the system knows is restored", () => {
    const facts = new ConnectionFacts(ENDS);
    const filter = new OriginalDestination(facts, () => ({ address: "192.0.2.1", port: 443 }));
    assert.equal(filter.onAccept(), "next");
    assert.equal(facts.ends.localAddress, "192.0.2.1");
    assert.equal(facts.ends.localPort, 443);
    assert.ok(facts.isLocalRestored);
  });

  it("OriginalDestination: a connection that was not redirected stays as it is", () => {
    const facts = new ConnectionFacts(ENDS);
    assert.equal(new OriginalDestination(facts, () => null).onAccept(), "next");
    assert.deepEqual(facts.ends, ENDS);
    assert.equal(facts.isLocalRestored, false);
  });

  it("OriginalDestination: filter state says where a connection without a socket goes", () => {
    const facts = new ConnectionFacts(ENDS);
    const state = new Map([
      [LOCAL_KEY, "[2001:db8::1]:443"],
      [REMOTE_KEY, "192.0.2.9:1234"],
    ]);
    facts.filterState = (key) => state.get(key) ?? null;
    new OriginalDestination(facts, () => null).onAccept();
    assert.deepEqual(facts.ends, {
      localAddress: "2001:db8::1",
      localPort: 443,
      remoteAddress: "192.0.2.9",
      remotePort: 1234,
    });
  });

  it("OriginalDestination: filter state that is no address counts as none", () => {
    const facts = new ConnectionFacts(ENDS);
    facts.filterState = () => "somewhere";
    new OriginalDestination(facts, () => null).onAccept();
    assert.deepEqual(facts.ends, ENDS);
  });
});
