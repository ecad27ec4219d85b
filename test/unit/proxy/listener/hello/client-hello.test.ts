import assert from "node:assert/strict";
import { readClientHello } from "../../../../../proxy/listener/hello/client-hello.ts";
import { helloBody, type HelloSketch, vector } from "./sample-hello.ts";

const read = (sketch: HelloSketch) => readClientHello(Uint8Array.from(helloBody(sketch)));
const SUPPORTED_VERSIONS = 43;

describe("readClientHello", () => {
  it("readClientHello: what listeners ask for", () => {
    const hello = read({
      serverName: "A.Test",
      protocols: ["h2", "http/1.1"],
      ciphers: [0x1301, 0x00ff],
      extensions: [
        [10, vector([0, 29, 0, 23], 2)],
        [11, vector([0], 1)],
      ],
    });
    assert.deepEqual(hello, {
      version: 0x0303,
      cipherSuites: [0x1301, 0x00ff],
      extensions: [0, 16, 10, 11],
      serverName: "a.test",
      protocols: ["h2", "http/1.1"],
      groups: [29, 23],
      pointFormats: [0],
    });
  });

  it("readClientHello: without extensions, or with none in the block", () => {
    for (const hasExtensions of [true, false]) {
      const hello = read({ hasExtensions });
      assert.equal(hello?.serverName, "");
      assert.equal(hello?.protocols, null);
    }
  });

  it("readClientHello: every prefix of a body is none", () => {
    const body = Uint8Array.from(helloBody({ serverName: "a.test", protocols: ["h2"] }));
    for (let length = 0; length < body.length; length++) {
      // Up to where extensions begin it is one of the old kind.
      if (length === 43) continue;
      assert.equal(readClientHello(body.subarray(0, length)), null, `${length} bytes`);
    }
  });

  const refused: readonly [name: string, sketch: HelloSketch][] = [
    ["a session id that is too long", { session: new Array<number>(33).fill(0) }],
    ["no cipher suites", { ciphers: [] }],
    ["no compression", { compression: [] }],
    ["an extension that comes twice", { serverName: "a.test", extensions: [[0, []]] }],
    ["an empty server name", { serverName: "" }],
    ["a server name that is too long", { serverName: "a".repeat(256) }],
    ["a server name with a zero", { serverName: "a\0b" }],
    ["a server name of another type", { extensions: [[0, vector([1, 0, 1, 97], 2)]] }],
    ["two server names", { extensions: [[0, vector([0, 0, 1, 97, 0, 0, 1, 98], 2)]] }],
    ["SSL 3", { version: 0x0300 }],
    ["only versions that nobody knows", { extensions: [[SUPPORTED_VERSIONS, [2, 0x7f, 1]]] }],
    ["versions that are cut off", { extensions: [[SUPPORTED_VERSIONS, [3, 3, 4]]] }],
  ];
  for (const [name, sketch] of refused) {
    it(`readClientHello: ${name} makes it none`, () => assert.equal(read(sketch), null));
  }

  it("readClientHello: the longest server name is taken", () => {
    const serverName = "a".repeat(255);
    assert.equal(read({ serverName })?.serverName, serverName);
  });

  it("readClientHello: one version that is known will do", () => {
    const extensions = [[SUPPORTED_VERSIONS, [4, 0x7a, 0x7a, 3, 4]]] as const;
    assert.notEqual(read({ version: 0x0300, extensions }), null);
  });

  const protocols: readonly [name: string, content: readonly number[]][] = [
    ["cut off", [0, 9, 2, 104, 50]],
    ["with something behind it", [0, 3, 2, 104, 50, 0]],
    ["empty", [0, 0]],
    ["with an empty name", [0, 2, 1, 97, 0]],
    ["with a name that is cut off", [0, 3, 3, 104, 50]],
  ];
  for (const [name, content] of protocols) {
    it(`readClientHello: a list of protocols that is ${name} counts as none`, () => {
      const hello = read({ serverName: "a.test", extensions: [[16, content]] });
      assert.equal(hello?.protocols, null);
      assert.equal(hello?.serverName, "a.test");
    });
  }
});
