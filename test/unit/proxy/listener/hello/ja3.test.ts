import assert from "node:assert/strict";
import type { ClientHello } from "../../../../../proxy/listener/hello/client-hello.ts";
import { toJa3 } from "../../../../../proxy/listener/hello/ja3.ts";

const HELLO: ClientHello = {
  version: 769,
  cipherSuites: [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4],
  extensions: [0, 10, 11],
  serverName: "",
  protocols: null,
  groups: [23, 24, 25],
  pointFormats: [0],
};

describe("toJa3", () => {
  it("toJa3: the example of its authors", () => {
    assert.equal(toJa3(HELLO), "ada70206e40642a3e4461f35503241d5");
  });

  it("toJa3: without extensions the fields are empty", () => {
    const hello = { ...HELLO, extensions: [], groups: [], pointFormats: [] };
    const plain = { ...hello, cipherSuites: [4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99] };
    assert.equal(toJa3(plain), "de350869b8c85de67a350c8d186f11e6");
  });

  it("toJa3: values that mean nothing do not count", () => {
    const greased = {
      ...HELLO,
      cipherSuites: [0x0a0a, ...HELLO.cipherSuites],
      extensions: [0xfafa, ...HELLO.extensions],
    };
    assert.equal(toJa3(greased), toJa3(HELLO));
    const odd = { ...HELLO, cipherSuites: [0x0a1a, ...HELLO.cipherSuites] };
    assert.notEqual(toJa3(odd), toJa3(HELLO));
  });

  it("toJa3: groups that mean nothing count, as in Envoy", () => {
    const hello: ClientHello = {
      ...HELLO,
      version: 0x0303,
      cipherSuites: [0x0a0a, 0x1301, 0x1302, 0xc02b],
      extensions: [0x0a0a, 0, 10, 11],
      groups: [0x0a0a, 29, 23],
    };
    // What Envoy 1.40 logs of these very bytes.
    assert.equal(toJa3(hello), "9b4ec7f1f0e3041290d4a1f188b96bf7");
  });
});
