import assert from "node:assert/strict";
import net from "node:net";
import type { Engine } from "../../../../proxy/engine/engine.ts";
import { type ConnectionEnds, endsOf, writeEnds } from "../../../../proxy/engine/ends.ts";
import { compileSampleSnapshot, loadImage, openEngine } from "../worker/loaded-image.ts";

/** A socket that says of itself what it is told to. */
function socketWith(facts: Partial<net.Socket>): net.Socket {
  return Object.defineProperties(
    new net.Socket(),
    Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, { value }])),
  );
}

const rows: readonly { name: string; socket: Partial<net.Socket>; want: ConnectionEnds }[] = [
  {
    name: "IPv4",
    socket: {
      localAddress: "10.0.0.1",
      localPort: 80,
      remoteAddress: "10.0.0.2",
      remotePort: 5_000,
    },
    want: {
      localAddress: "10.0.0.1",
      localPort: 80,
      remoteAddress: "10.0.0.2",
      remotePort: 5_000,
    },
  },
  {
    name: "IPv4 on a socket for both families",
    socket: {
      localAddress: "::ffff:10.0.0.1",
      localPort: 80,
      remoteAddress: "::ffff:10.0.0.2",
      remotePort: 1,
    },
    want: { localAddress: "10.0.0.1", localPort: 80, remoteAddress: "10.0.0.2", remotePort: 1 },
  },
  {
    name: "IPv6",
    socket: { localAddress: "::1", localPort: 80, remoteAddress: "::ffff:1", remotePort: 1 },
    want: { localAddress: "::1", localPort: 80, remoteAddress: "::ffff:1", remotePort: 1 },
  },
  {
    name: "a Unix socket, or a connection that is gone",
    socket: {},
    want: { localAddress: "", localPort: 0, remoteAddress: "", remotePort: 0 },
  },
];

/** Writes ends to a new connection; returns the three texts that the engine was given. */
function writtenTexts(engine: Engine, ends: ConnectionEnds, pipePath: string): string[] {
  const snapshot = compileSampleSnapshot();
  const image = loadImage(engine, snapshot);
  const { record } = snapshot.listeners[0].filterChains[0].terminal;
  const connection = engine.calls.openDownstream(image, image + record, 0, 0);
  const given: number[][] = [];
  const calls = { setEnds: (_: number, ...numbers: number[]) => given.push(numbers) };
  const recorded = Object.create(engine, {
    calls: { value: { ...engine.calls, ...calls } },
    placeTexts: { value: (texts: readonly string[]) => engine.placeTexts(texts) },
  });
  writeEnds(recorded, connection, ends, pipePath);
  const [[address, ...lengths]] = given;
  let at = address;
  return lengths.map((length) => {
    const bytes = engine.bytes.subarray(at, at + length);
    at += length;
    return Buffer.from(bytes).toString();
  });
}

describe("connection ends", () => {
  for (const { name, socket, want } of rows) {
    it(`endsOf: ${name}`, () => {
      assert.deepEqual(endsOf(socketWith(socket)), want);
    });
  }

  it("writeEnds: gives the peer's address, and both with their ports", () => {
    const ends = { localAddress: "::1", localPort: 80, remoteAddress: "10.0.0.2", remotePort: 5 };
    assert.deepEqual(writtenTexts(openEngine(), ends, ""), ["10.0.0.2", "10.0.0.2:5", "[::1]:80"]);
  });

  it("writeEnds: what has no address has no port either", () => {
    const ends = { localAddress: "", localPort: 0, remoteAddress: "", remotePort: 0 };
    assert.deepEqual(writtenTexts(openEngine(), ends, ""), ["", "", ""]);
  });

  it("writeEnds: the path of a Unix socket is both ends, but no address of the peer", () => {
    const ends = { localAddress: "", localPort: 0, remoteAddress: "", remotePort: 0 };
    assert.deepEqual(writtenTexts(openEngine(), ends, "/a.sock"), ["", "/a.sock", "/a.sock"]);
  });
});
