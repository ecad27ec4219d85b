import assert from "node:assert/strict";
import {
  FRAMING_CHUNKED,
  FRAMING_LENGTH,
  FRAMING_NONE,
  READER_KEEP_TRAILERS,
} from "../../../../api/engine/http1.ts";
import { STATE_MIRRORED, STATE_STARVED } from "../../../../api/engine/layout.ts";
import { StreamEngine, type TestBody } from "./stream-engine.ts";

const CONFIG = {
  name: "r",
  virtualHosts: [
    {
      name: "all",
      domains: ["*"],
      routes: [
        {
          match: { prefix: "/" },
          route: {
            cluster: "alpha",
            requestMirrorPolicies: ["alpha", "beta", "gamma"].map((cluster) => ({ cluster })),
          },
        },
      ],
    },
  ],
};

describe("mirror-links", () => {
  let engine: StreamEngine;
  before(async function () {
    this.timeout(60_000);
    engine = await StreamEngine.open();
    engine.load(CONFIG);
    // The first mirror makes the statistics of all of them.
    withMirrors({ framing: FRAMING_NONE }, () => {});
  });

  /** Opens a stream with three mirrors, and sees that nothing is left of them. */
  function withMirrors(body: TestBody, use: (stream: number, mirrors: number[]) => void): void {
    const stream = engine.open({ method: "POST" }, body);
    const mirrors = [0, 1, 2].map((place) => engine.exports.mirror(stream, place));
    use(stream, mirrors);
    for (const each of [...mirrors, stream]) engine.exports.close(each);
  }

  function feed(stream: number, text: string): void {
    engine.exports.feed(stream, ...engine.place(text));
    engine.spoil();
  }

  it("feedMirrors: each gets the body as it came", () => {
    const before = engine.exports.bytesInUse();
    withMirrors({ framing: FRAMING_LENGTH, length: 9 }, (stream, mirrors) => {
      assert.notEqual(engine.field(stream, "state") & STATE_MIRRORED, 0);
      for (const piece of ["abc", "", "defghi"]) feed(stream, piece);
      for (const mirror of mirrors) assert.equal(engine.mirrorBody(mirror), "abcdefghi");
    });
    assert.equal(engine.exports.bytesInUse(), before);
  });

  it("feedMirrors: a body that is not whole is not taken for whole", () => {
    withMirrors({ framing: FRAMING_LENGTH, length: 9 }, (stream, mirrors) => {
      feed(stream, "abc");
      for (const mirror of mirrors) assert.equal(engine.mirrorBody(mirror), null);
    });
    withMirrors({ framing: FRAMING_CHUNKED }, (stream, mirrors) => {
      feed(stream, "abc");
      for (const mirror of mirrors) assert.equal(engine.mirrorBody(mirror), null);
    });
  });

  const chunks: { name: string; body: string; flags: number; want: string; trailers: string[] }[] =
    [
      { name: "one", body: "3\r\nabc\r\n0\r\n\r\n", flags: 0, want: "abc", trailers: [] },
      { name: "none", body: "0\r\n\r\n", flags: 0, want: "", trailers: [] },
      {
        name: "several, with an extension",
        body: "1;x=y\r\na\r\n11\r\n0123456789abcdefg\r\n0\r\n\r\n",
        flags: 0,
        want: "a0123456789abcdefg",
        trailers: [],
      },
      {
        name: "some with trailers that are kept",
        body: "3\r\nabc\r\n0\r\nX-Sum:1\r\nx-more: 2\r\n\r\n",
        flags: READER_KEEP_TRAILERS,
        want: "abc",
        trailers: ["x-sum 1", "x-more 2"],
      },
      {
        name: "some with trailers that are not",
        body: "3\r\nabc\r\n0\r\nx-sum: 1\r\n\r\n",
        flags: 0,
        want: "abc",
        trailers: [],
      },
      {
        // They take more room when they are written out again.
        name: "some with as many trailers as there may be",
        body: `0\r\n${"a:b\r\n".repeat(100)}\r\n`,
        flags: READER_KEEP_TRAILERS,
        want: "",
        trailers: Array.from({ length: 100 }, () => "a b"),
      },
    ];
  for (const { name, body, flags, want, trailers } of chunks) {
    it(`endMirrors: chunks, ${name}, are chunks to a mirror`, () => {
      withMirrors({ framing: FRAMING_CHUNKED }, (stream, mirrors) => {
        engine.exports.readAll(stream, ...engine.place(body), flags);
        engine.spoil();
        for (const mirror of mirrors) {
          assert.equal(engine.mirrorBody(mirror), want);
          assert.deepEqual(engine.mirrorTrailers(mirror), trailers);
        }
      });
    });
  }

  for (const gone of [0, 1, 2]) {
    it(`leaveMirrors: the others go on without mirror ${gone}`, () => {
      withMirrors({ framing: FRAMING_LENGTH, length: 6 }, (stream, mirrors) => {
        feed(stream, "abc");
        engine.exports.leave(mirrors[gone]);
        feed(stream, "def");
        const bodies = mirrors.map((mirror) => engine.mirrorBody(mirror));
        assert.deepEqual(
          bodies,
          [0, 1, 2].map((place) => (place === gone ? null : "abcdef")),
        );
      });
    });
  }

  it("leaveMirrors: a mirror outlives the stream with what it has", () => {
    withMirrors({ framing: FRAMING_LENGTH, length: 3 }, (stream, mirrors) => {
      feed(stream, "abc");
      engine.exports.leave(stream);
      feed(stream, "def");
      for (const mirror of mirrors) {
        engine.exports.leave(mirror);
        assert.equal(engine.mirrorBody(mirror), "abc");
      }
    });
  });

  it("feedMirror: where memory is scarce the mirror says so, and never looks whole", () => {
    const bodies: TestBody[] = [
      { framing: FRAMING_LENGTH, length: 6 },
      { framing: FRAMING_CHUNKED },
    ];
    for (const body of bodies) {
      withMirrors(body, (stream, mirrors) => {
        feed(stream, "abc");
        const blocks: number[] = [];
        const spare = 64 * 1024 * 1024;
        while (engine.exports.bytesLeft() >= spare) blocks.push(engine.exports.allocate(100_000));
        feed(stream, "d");
        for (const block of blocks) engine.exports.release(block);
        feed(stream, "ef");
        engine.exports.end(stream);
        for (const mirror of mirrors) {
          assert.notEqual(engine.field(mirror, "state") & STATE_STARVED, 0);
          assert.equal(engine.mirrorBody(mirror), null);
        }
      });
    }
  });
});
