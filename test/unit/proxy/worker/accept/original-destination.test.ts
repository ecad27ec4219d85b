import assert from "node:assert/strict";
import { OriginalDestinations } from "../../../../../proxy/worker/accept/original-destination.ts";

type Fill = (level: number, value: Uint8Array) => number;

/** A C library whose `getsockopt` does as it is told. */
function destinationsOf(fill: Fill): OriginalDestinations {
  const calls = (_fd: number, level: number, name: number, value: Uint8Array): number => {
    assert.equal(name, 80);
    return fill(level, value);
  };
  return new OriginalDestinations(() => ({ load: () => ({ func: () => calls }) }));
}

describe("OriginalDestinations", () => {
  before(function () {
    if (process.platform !== "linux") this.skip();
  });

  it("find: IPv4", () => {
    const found = destinationsOf((level, value) => {
      if (level !== 0) return -1;
      value.set([2, 0, 1, 0xbb, 192, 0, 2, 1]);
      return 0;
    }).find({ fd: 5 });
    assert.deepEqual(found, { address: "192.0.2.1", port: 443 });
  });

  it("find: IPv6, where IPv4 has none", () => {
    const found = destinationsOf((level, value) => {
      if (level !== 41) return -1;
      value.set([10, 0, 0x1f, 0x90, 0, 0, 0, 0, 0x20, 1, 0xd, 0xb8]);
      value[23] = 1;
      return 0;
    }).find({ fd: 5 });
    assert.deepEqual(found, { address: "2001:db8::1", port: 8080 });
  });

  it("find: a connection that was not redirected has none", () => {
    assert.equal(destinationsOf(() => -1).find({ fd: 5 }), null);
  });

  it("find: what has no descriptor is not asked for", () => {
    const destinations = destinationsOf(() => assert.fail("it is not called"));
    assert.equal(destinations.find({}), null);
    assert.equal(destinations.find({ fd: -1 }), null);
  });

  it("find: without the package there is none, and it is looked for once", () => {
    let count = 0;
    const destinations = new OriginalDestinations(() => {
      count++;
      throw new Error("no koffi");
    });
    assert.equal(destinations.find({ fd: 5 }), null);
    assert.equal(destinations.find({ fd: 5 }), null);
    assert.equal(count, 1);
  });

  it("find: the real call answers for a socket that nobody redirected", () => {
    assert.equal(new OriginalDestinations().find({ fd: 1 }), null);
  });
});
