import assert from "node:assert/strict";
import { type Decoded, type DecoderSetup, type HeadKind, Hpack } from "../../hpack/hpack.ts";
import { type Form, PlainTable, encodeForm, toField } from "../../hpack/reference/plain-hpack.ts";

const GET: readonly string[] = [":method: GET", ":scheme: http", ":path: /", ":authority: a.b"];
const OK: readonly string[] = [":status: 200"];

const LITERAL: Form = { kind: "plain", usesName: false, huffmanName: false, huffmanValue: false };
const ADDED: Form = { kind: "added", usesName: true, huffmanName: true, huffmanValue: true };
const INDEXED: Form = { ...ADDED, kind: "indexed" };

/** What is wrong with a head, or null: as said by Envoy 1.40 but where a comment says so. */
type Row = readonly [what: string, fields: readonly string[], error: string | null];

/** GET with fields behind it. */
function get(...fields: string[]): readonly string[] {
  return [...GET, ...fields];
}

/** GET with another value of a pseudo-header, or without it. */
function getWith(name: string, value: string | null): readonly string[] {
  return GET.flatMap((field) => {
    if (!field.startsWith(`${name}: `)) return [field];
    return value === null ? [] : [`${name}: ${value}`];
  });
}

const CONNECT = ":method: CONNECT";
const [, SCHEME, PATH, AUTHORITY] = GET;

const REQUESTS: readonly Row[] = [
  ["a plain request", GET, null],
  ["a name with an upper-case letter", get("X: 1"), "NAME"],
  ["an empty name", get(": 1"), "NAME"],
  ["a name with a blank", get("a b: 1"), "NAME"],
  ["a name with a colon behind its first byte", get("a:b: 1"), "NAME"],
  ["a name above ASCII", get("\xe9: 1"), "NAME"],
  ["a name with a NUL", get("a\0: 1"), "NAME"],
  ["a name with an underscore", get("a_b: 1"), null],
  ["a name of marks", get("!#$%&'*+-.^_`|~: 1"), null],
  ["an empty value", get("a: "), null],
  ["a value with a TAB", get("a: 1\t2"), null],
  ["a value above ASCII", get("a: \x80\xff"), null],
  ["a value with blanks around it", get("a:  1\t"), null],
  ["Connection", get("connection: close"), "CONNECTION"],
  ["Connection without a value", get("connection: "), "CONNECTION"],
  ["Keep-Alive", get("keep-alive: 1"), "CONNECTION"],
  ["Proxy-Connection", get("proxy-connection: close"), "CONNECTION"],
  ["Transfer-Encoding", get("transfer-encoding: chunked"), "CONNECTION"],
  ["Upgrade", get("upgrade: x"), "CONNECTION"],
  ["TE with trailers", get("te: trailers"), null],
  ["TE with trailers in another case", get("te: Trailers"), null],
  ["TE with a coding", get("te: gzip"), "TE"],
  ["TE with a coding beside trailers", get("te: trailers, deflate"), "TE"],
  ["TE without a value", get("te: "), "TE"],
  ["an unknown pseudo-header", get(":foo: 1"), "PSEUDO"],
  ["a colon as name", get(":: 1"), "PSEUDO"],
  ["a pseudo-header of responses", get(":status: 200"), "PSEUDO"],
  ["a pseudo-header behind a field", [...getWith(":path", null), "a: 1", PATH], "PSEUDO_ORDER"],
  ["a pseudo-header behind Host", [...GET.slice(0, 3), "host: a", AUTHORITY], "PSEUDO_ORDER"],
  [":method twice", get(":method: GET"), "PSEUDO_TWICE"],
  [":path twice", get(PATH), "PSEUDO_TWICE"],
  [":authority twice", get(AUTHORITY), "PSEUDO_TWICE"],
  [":scheme twice", get(SCHEME), "PSEUDO_TWICE"],
  ["no :method", getWith(":method", null), "PSEUDO_MISSING"],
  ["no :path", getWith(":path", null), "PSEUDO_MISSING"],
  ["no :scheme", getWith(":scheme", null), "PSEUDO_MISSING"],
  ["no :authority", getWith(":authority", null), "PSEUDO_MISSING"],
  ["nothing", [], "PSEUDO_MISSING"],
  ["Host in place of :authority", [...getWith(":authority", null), "host: h"], null],
  ["Host beside :authority", get("host: other"), null],
  ["Host twice", get("host: h", "host: h"), "HOST"],
  ["Host without a value", get("host: "), "HOST"],
  ["Host with a blank", get("host: a b"), "HOST"],
  ["an empty :authority", getWith(":authority", ""), "PSEUDO_VALUE"],
  [":authority with user information", getWith(":authority", "u@a"), "PSEUDO_VALUE"],
  [":authority with a slash", getWith(":authority", "a/b"), "PSEUDO_VALUE"],
  [":authority of an IPv6 address", getWith(":authority", "[::1]:80"), null],
  ["an empty :method", getWith(":method", ""), "PSEUDO_VALUE"],
  [":method with a blank", getWith(":method", "G T"), "PSEUDO_VALUE"],
  [":method that nobody knows", getWith(":method", "FOO"), null],
  ["an empty :scheme", getWith(":scheme", ""), "PSEUDO_VALUE"],
  [":scheme with a blank", getWith(":scheme", "h t"), "PSEUDO_VALUE"],
  [":scheme that begins with a digit", getWith(":scheme", "1a"), "PSEUDO_VALUE"],
  [":scheme of marks", getWith(":scheme", "a+-.1"), null],
  ["an empty :path", getWith(":path", ""), "PSEUDO_VALUE"],
  [":path with a blank", getWith(":path", "/a b"), "PSEUDO_VALUE"],
  [":path with a TAB behind sixteen bytes", getWith(":path", "/45678901234567\tx"), "PSEUDO_VALUE"],
  [":path above ASCII", getWith(":path", "/\xe9"), null],
  [":path with a fragment", getWith(":path", "/a#b"), null],
  [":path without a slash", getWith(":path", "a"), "PATH"],
  [":path with an authority", getWith(":path", "http://a/b"), "PATH"],
  [":path without a slash, HTTP in upper case", relative("HTTP"), "PATH"],
  [":path without a slash, https", relative("https"), "PATH"],
  [":path without a slash, another scheme", relative("ftp"), null],
  [":path of a star", getWith(":path", "*"), "PATH"],
  ["OPTIONS of a star", [":method: OPTIONS", SCHEME, ":path: *", AUTHORITY], null],
  ["OPTIONS of two stars", [":method: OPTIONS", SCHEME, ":path: **", AUTHORITY], "PATH"],
  ["CONNECT", [CONNECT, AUTHORITY], null],
  ["CONNECT without :authority", [CONNECT], "PSEUDO_MISSING"],
  ["CONNECT with Host for :authority", [CONNECT, "host: a"], "PSEUDO_MISSING"],
  ["CONNECT with :path", [CONNECT, AUTHORITY, PATH], "CONNECT"],
  ["CONNECT with :scheme", [CONNECT, AUTHORITY, SCHEME], "CONNECT"],
  ["Content-Length", get("content-length: 5"), null],
  ["Content-Length twice", get("content-length: 0", "content-length: 0"), "CONTENT_LENGTH"],
  ["Content-Length with a letter", get("content-length: x"), "CONTENT_LENGTH"],
  ["Content-Length with a sign", get("content-length: +0"), "CONTENT_LENGTH"],
  ["Content-Length without a value", get("content-length: "), "CONTENT_LENGTH"],
  // Envoy takes up to 2⁶³ − 1.
  ["Content-Length of 19 digits", get("content-length: 1000000000000000000"), "CONTENT_LENGTH"],
  ["Content-Length of 18 digits", get("content-length: 100000000000000000"), null],
  ["two faults, of which the first is told", get("X: 1", "te: x"), "NAME"],
];

function relative(scheme: string): readonly string[] {
  return [":method: GET", `:scheme: ${scheme}`, ":path: d", AUTHORITY];
}

const PROTOCOL = ":protocol: websocket";

const EXTENDED: readonly Row[] = [
  ["CONNECT with :protocol", [CONNECT, SCHEME, PATH, AUTHORITY, PROTOCOL], null],
  ["CONNECT with :protocol first", [PROTOCOL, CONNECT, SCHEME, PATH, AUTHORITY], null],
  ["GET with :protocol", get(PROTOCOL), "CONNECT"],
  [
    "CONNECT with :protocol without :path",
    [CONNECT, SCHEME, AUTHORITY, PROTOCOL],
    "PSEUDO_MISSING",
  ],
  [
    "CONNECT with :protocol without :scheme",
    [CONNECT, PATH, AUTHORITY, PROTOCOL],
    "PSEUDO_MISSING",
  ],
  [
    "CONNECT with :protocol and Host for :authority",
    [CONNECT, SCHEME, PATH, PROTOCOL, "host: a"],
    "PSEUDO_MISSING",
  ],
  ["an empty :protocol", [CONNECT, SCHEME, PATH, AUTHORITY, ":protocol: "], "PSEUDO_VALUE"],
  [":protocol twice", [CONNECT, SCHEME, PATH, AUTHORITY, PROTOCOL, PROTOCOL], "PSEUDO_TWICE"],
  [
    ":protocol behind a field",
    [CONNECT, SCHEME, PATH, AUTHORITY, "a: 1", PROTOCOL],
    "PSEUDO_ORDER",
  ],
];

const RESPONSES: readonly Row[] = [
  ["a plain response", OK, null],
  ["a status of the first class", [":status: 103"], null],
  ["the last status", [":status: 599"], null],
  // Envoy lets any three digits through.
  ["status 99", [":status: 099"], "PSEUDO_VALUE"],
  ["status 600", [":status: 600"], "PSEUDO_VALUE"],
  ["status 101", [":status: 101"], "PSEUDO_VALUE"],
  ["a status of two digits", [":status: 20"], "PSEUDO_VALUE"],
  ["a status of four digits", [":status: 2000"], "PSEUDO_VALUE"],
  ["a status with a letter", [":status: 2x0"], "PSEUDO_VALUE"],
  ["no status", ["a: 1"], "PSEUDO_MISSING"],
  ["a status twice", [...OK, ...OK], "PSEUDO_TWICE"],
  ["a status behind a field", ["a: 1", ...OK], "PSEUDO_ORDER"],
  ["a pseudo-header of requests", [...OK, PATH], "PSEUDO"],
  [":protocol", [...OK, PROTOCOL], "PSEUDO"],
  ["Host, twice", [...OK, "host: ", "host: a b"], null],
  ["Connection", [...OK, "connection: close"], "CONNECTION"],
  ["TE with a coding", [...OK, "te: gzip"], "TE"],
  ["204 with a length", [":status: 204", "content-length: 5"], "CONTENT_LENGTH"],
  ["204 with a length of 0", [":status: 204", "content-length: 0"], null],
  ["103 with a length", [":status: 103", "content-length: 5"], "CONTENT_LENGTH"],
  ["304 with a length", [":status: 304", "content-length: 5"], null],
];

const TRAILERS: readonly Row[] = [
  ["nothing", [], null],
  ["fields, one of them twice", ["a: 1", "b: 2", "a: 3"], null],
  ["Host", ["host: a b"], null],
  [":status", [":status: 200"], "PSEUDO"],
  [":path", [PATH], "PSEUDO"],
  ["Content-Length", ["content-length: 1"], "CONTENT_LENGTH"],
  ["Connection", ["connection: close"], "CONNECTION"],
  ["TE with a coding", ["te: gzip"], "TE"],
  ["a name with an upper-case letter", ["A: 1"], "NAME"],
];

/** Where a character stands, and which may stand there: those that Envoy takes. */
type CharacterRow = readonly [
  what: string,
  make: (c: string) => readonly string[],
  allowed: RegExp,
];

const CHARACTERS: readonly CharacterRow[] = [
  ["a name", (c) => get(`a${c}: 1`), /[!#$%&'*+\-.0-9^_`a-z|~]/],
  ["a value", (c) => get(`a: x${c}x`), /[\t\x20-\x7e\x80-\xff]/],
  [
    "a value behind sixteen bytes",
    (c) => get(`a: ${"x".repeat(17)}${c}`),
    /[\t\x20-\x7e\x80-\xff]/,
  ],
  [":authority", (c) => getWith(":authority", `a${c}b`), /[!$%&'()*+,\-.0-9:;=A-Z[\]_a-z~]/],
  ["Host", (c) => get(`host: a${c}b`), /[!$%&'()*+,\-.0-9:;=A-Z[\]_a-z~]/],
  [":path", (c) => getWith(":path", `/${c}`), /[\x21-\x7e\x80-\xff]/],
  [":method", (c) => getWith(":method", `A${c}`), /[!#$%&'*+\-.0-9A-Z^_`a-z|~]/],
  [":scheme", (c) => getWith(":scheme", `a${c}`), /[+\-.0-9A-Za-z]/],
  [":scheme at its start", (c) => getWith(":scheme", `${c}a`), /[A-Za-z]/],
];

describe("validate-head", () => {
  let hpack: Hpack;
  before(async function () {
    this.timeout(60_000);
    hpack = await Hpack.open();
  });

  /** Decodes a head as literals, as fields that are added, and as indices of those. */
  function decode(kind: HeadKind, fields: readonly string[], setup: DecoderSetup = {}): Decoded {
    const literals = encode(new PlainTable(), fields, LITERAL);
    const want = hpack.decodeOnce(kind, literals, setup);
    const decoder = hpack.decoder(kind, setup);
    const table = new PlainTable();
    for (const form of [ADDED, INDEXED]) {
      assert.deepEqual(decoder.decode(encode(table, fields, form)), want, form.kind);
    }
    decoder.close();
    return want;
  }

  const suites = [
    ["request", "request", REQUESTS, false],
    ["request where extended CONNECT may be used", "request", EXTENDED, true],
    ["response", "response", RESPONSES, false],
    ["trailers", "trailers", TRAILERS, false],
  ] as const;
  for (const [name, kind, rows, allowsProtocol] of suites) {
    for (const [what, fields, error] of rows) {
      const verdict = error === null ? "right" : `a fault in ${error}`;
      it(`decodeBlock: ${name}: ${what} is ${verdict}`, () => {
        const decoded = decode(kind, fields, { allowsProtocol });
        assert.equal(decoded.error, null, "the connection goes on");
        assert.equal(decoded.headError, error);
      });
    }
  }

  for (const [what, make, allowed] of CHARACTERS) {
    it(`checkField: ${what} has the characters that Envoy lets through, and no others`, () => {
      for (let code = 0; code < 256; code++) {
        const character = String.fromCharCode(code);
        const block = encode(new PlainTable(), make(character), LITERAL);
        const { headError } = hpack.decodeOnce("request", block);
        assert.equal(headError === null, allowed.test(character), `0x${code.toString(16)}`);
      }
    });
  }

  it("noteField: :protocol is refused unless it was allowed", () => {
    const head = [CONNECT, SCHEME, PATH, AUTHORITY, PROTOCOL];
    assert.equal(decode("request", head).headError, "PSEUDO");
  });

  it("noteField: :protocol is an entry behind the pseudo-headers that have a place", () => {
    const head = [PROTOCOL, CONNECT, SCHEME, PATH, AUTHORITY, "a: 1"];
    assert.deepEqual(decode("request", head, { allowsProtocol: true }).fields, [
      ":method: CONNECT",
      ":path: /",
      ":authority: a.b",
      ":scheme: http",
      ":protocol: websocket",
      "a: 1",
    ]);
  });

  it("noteField: Host is :authority where there is none, and never an entry of its own", () => {
    const pseudo = [":method: GET", ":path: /"];
    assert.deepEqual(decode("request", [...getWith(":authority", null), "host: h"]).fields, [
      ...pseudo,
      ":authority: h",
      ":scheme: http",
    ]);
    assert.deepEqual(decode("request", get("host: h", "a: 1")).fields, [
      ...pseudo,
      ":authority: a.b",
      ":scheme: http",
      "a: 1",
    ]);
  });

  it("decodeBlock: what is wrong is left out, and the rest is there", () => {
    const fields = get("X: 1", "a: \n", "b: 2", ":path: /", "te: x");
    const decoded = decode("request", fields);
    assert.equal(decoded.headError, "NAME");
    assert.deepEqual(decoded.fields.slice(4), ["b: 2"]);
  });

  it("decodeBlock: a malformed message says nothing about the next", () => {
    const decoder = hpack.decoder("request");
    const table = new PlainTable();
    assert.equal(decoder.decode(encode(table, get("X: 1"), ADDED)).headError, "NAME");
    assert.equal(decoder.decode(encode(table, GET, INDEXED)).headError, null);
    decoder.close();
  });

  it("noteField: the status and the length are told, and not those of the message before", () => {
    const decoder = hpack.decoder("response");
    const read = (...fields: string[]) => {
      const { status, contentLength } = decoder.decode(encode(new PlainTable(), fields, LITERAL));
      return [status, contentLength];
    };
    assert.deepEqual(read(":status: 404", "content-length: 0017"), [404, 17]);
    assert.deepEqual(read(":status: 200"), [200, -1]);
    assert.deepEqual(read("a: 1"), [0, -1]);
    decoder.close();
  });
});

function encode(table: PlainTable, fields: readonly string[], form: Form): Buffer {
  return Buffer.concat(fields.map((field) => encodeForm(table, toField(field), form)));
}
