import assert from "node:assert/strict";
import { READER_KEEP_CASE, READER_KEEP_CASE_PROPER } from "../../../../api/engine/http1.ts";
import { Codec } from "./codec.ts";

const LINE = "GET / HTTP/1.1\r\nhost: b\r\n";

/** RFC 9112 §5 and RFC 9110 §5: field lines, and the limits of a head. */
describe("read-head", () => {
  let codec: Codec;
  before(async function () {
    this.timeout(60_000);
    codec = await Codec.open();
  });

  const accepted: { name: string; field: string; want: string }[] = [
    { name: "a name is put into lower case", field: "X-Ab-9: Vw", want: "x-ab-9: Vw" },
    { name: "no space behind the colon", field: "a:b", want: "a: b" },
    { name: "spaces and tabs around the value are dropped", field: "a: \t b \t", want: "a: b" },
    { name: "spaces and tabs in the value are kept", field: "a: b \t c", want: "a: b \t c" },
    { name: "an empty value", field: "a:", want: "a: " },
    { name: "a value of blanks is empty", field: "a: \t ", want: "a: " },
    { name: "a colon in the value", field: "a: b:c", want: "a: b:c" },
    { name: "bytes over 127 in the value", field: "a: \x80\xff", want: "a: \x80\xff" },
    {
      name: "every mark of a token in the name",
      field: "!#$%&'*+-.^_`|~09: b",
      want: "!#$%&'*+-.^_`|~09: b",
    },
    { name: "the letters around the alphabet's ends", field: "AZaz: b", want: "azaz: b" },
  ];
  for (const { name, field, want } of accepted) {
    it(`readHead: ${name}`, () => {
      const reading = codec.readEveryWay(`${LINE}${field}\r\n\r\n`);
      assert.equal(reading.error, null);
      assert.deepEqual(reading.messages[0].headers, ["host: b", want]);
    });
  }

  it("readHead: repeated fields stay apart and in order", () => {
    const reading = codec.readEveryWay(`${LINE}a: 1\r\nb: 2\r\nA: 3\r\n\r\n`);
    assert.deepEqual(reading.messages[0].headers, ["host: b", "a: 1", "b: 2", "a: 3"]);
  });

  const refused: { name: string; fields: string; want: string }[] = [
    { name: "a space before the colon", fields: "a : b", want: "HEADER_NAME" },
    { name: "a tab before the colon", fields: "a\t: b", want: "HEADER_NAME" },
    { name: "a space in the name", fields: "a b: c", want: "HEADER_NAME" },
    { name: "an empty name", fields: ": b", want: "HEADER_NAME" },
    { name: "no colon", fields: "a", want: "HEADER_NAME" },
    { name: "a separator in the name", fields: "a(b: c", want: "HEADER_NAME" },
    { name: "a byte over 127 in the name", fields: "a\xe9: c", want: "HEADER_NAME" },
    { name: "a folded line that begins with a space", fields: "a: b\r\n c", want: "OBS_FOLD" },
    { name: "a folded line that begins with a tab", fields: "a: b\r\n\tc", want: "OBS_FOLD" },
    { name: "a folded line of blanks only", fields: "a: b\r\n \r\nc: d", want: "OBS_FOLD" },
    { name: "a blank before the first field", fields: " a: b", want: "OBS_FOLD" },
    { name: "a bare LF in the value", fields: "a: b\nc: d", want: "LINE_END" },
    { name: "a bare CR in the value", fields: "a: b\rc: d", want: "LINE_END" },
    { name: "two CRs before the LF", fields: "a: b\r", want: "LINE_END" },
    { name: "NUL in the value", fields: "a: b\0c", want: "HEADER_VALUE" },
    { name: "NUL in the name", fields: "a\0b: c", want: "HEADER_VALUE" },
    { name: "another control character in the value", fields: "a: \x01", want: "HEADER_VALUE" },
    { name: "a vertical tab in the value", fields: "a: \x0bb", want: "HEADER_VALUE" },
    { name: "the last control character in the value", fields: "a: \x1f", want: "HEADER_VALUE" },
    { name: "DEL in the value", fields: "a: \x7f", want: "HEADER_VALUE" },
  ];
  for (const { name, fields, want } of refused) {
    it(`readHead: ${name} is refused`, () => {
      const request = codec.readEveryWay(`${LINE}${fields}\r\n\r\n`);
      assert.deepEqual(request, { messages: [], error: want, restBytes: 0 });
      const response = codec.readEveryWay(`HTTP/1.1 204 \r\nz: y\r\n${fields}\r\n\r\n`, {
        isResponse: true,
      });
      assert.deepEqual(response, { messages: [], error: want, restBytes: 0 });
    });
  }

  it("readHead: an LF instead of the empty line's CR LF is refused", () => {
    assert.equal(codec.readEveryWay(`${LINE}\n`).error, "LINE_END");
    assert.equal(codec.readEveryWay(`${LINE}\rX`).error, "LINE_END");
  });

  it("readHead: a head may have as many bytes as the limit says and no more", () => {
    const head = `${LINE}a: ${"v".repeat(70)}\r\n\r\n`;
    const bytes = head.length;
    assert.equal(codec.readEveryWay(head, { headBytesMax: bytes }).messages.length, 1);
    const above = codec.readEveryWay(head, { headBytesMax: bytes - 1 });
    assert.deepEqual(above, { messages: [], error: "HEAD_TOO_LARGE", restBytes: 0 });
  });

  it("readHead: a head that never ends is refused at the limit", () => {
    const reading = codec.readEveryWay(`GET /${"a".repeat(100)}`, { headBytesMax: 107 });
    assert.equal(reading.error, null);
    assert.equal(
      codec.readEveryWay(`GET /${"a".repeat(100)}`, { headBytesMax: 106 }).error,
      "HEAD_TOO_LARGE",
    );
  });

  it("readHead: a head may have as many fields as the limit says and no more", () => {
    const fields = (count: number) => "a: b\r\n".repeat(count);
    const setup = { headerCountMax: 5 };
    assert.equal(codec.readEveryWay(`${LINE}${fields(4)}\r\n`, setup).error, null);
    const above = codec.readEveryWay(`${LINE}${fields(5)}\r\n`, setup);
    assert.deepEqual(above, { messages: [], error: "TOO_MANY_HEADERS", restBytes: 0 });
  });

  it("readHead: a head of more fields and bytes than a block begins with is read", () => {
    const fields = Array.from({ length: 200 }, (_, i) => `name-${i}: ${"v".repeat(i)}`);
    const head = `${LINE}${fields.join("\r\n")}\r\n\r\n`;
    const bytes = Buffer.from(head, "latin1");
    const setup = { headerCountMax: 300 };
    const whole = codec.read([bytes], setup);
    assert.deepEqual(whole.messages[0].headers, ["host: b", ...fields]);
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
    assert.deepEqual(codec.read(single, setup), whole);
  });

  it("readHead: a name of 65,535 bytes is kept, a longer one is refused", () => {
    const read = (length: number) => {
      const head = Buffer.from(`${LINE}${"n".repeat(length)}: v\r\n\r\n`);
      const pieces = [head.subarray(0, 40_000), head.subarray(40_000)];
      return codec.read(pieces, { headBytesMax: 100_000 });
    };
    assert.equal(read(65_535).messages[0].headers[1].length, 65_535 + ": v".length);
    assert.equal(read(65_536).error, "HEAD_TOO_LARGE");
  });

  const cased: { name: string; fields: readonly string[]; want: readonly string[] }[] = [
    { name: "a name", fields: ["X-FOO-bar: V"], want: ["X-FOO-bar: V"] },
    { name: "a name of one letter", fields: ["A: v"], want: ["A: v"] },
    { name: "a well-known name", fields: ["CONTENT-Type: v"], want: ["CONTENT-Type: v"] },
    { name: "a lower-case name", fields: ["x-foo: v"], want: ["x-foo: v"] },
    { name: "a colon in the value", fields: ["X-A: b:C:d"], want: ["X-A: b:C:d"] },
    { name: "an empty value", fields: ["X-A:", "X-B: 1"], want: ["X-A: ", "X-B: 1"] },
    {
      name: "the first spelling of a name that comes again",
      fields: ["X-foo: 1", "x-FOO: 2", "X-FOO: 3"],
      want: ["X-foo: 1", "X-foo: 2", "X-foo: 3"],
    },
    {
      name: "names of which one begins the other",
      fields: ["AB: 1", "ABC: 2", "A: 3", "aB: 4"],
      want: ["AB: 1", "ABC: 2", "A: 3", "AB: 4"],
    },
    {
      name: "a hundred names",
      fields: Array.from({ length: 99 }, (_, n) => `X-Name-${n}: v`),
      want: Array.from({ length: 99 }, (_, n) => `X-Name-${n}: v`),
    },
  ];
  for (const { name, fields, want } of cased) {
    it(`readHead: ${name} is written as it stood where case is kept`, () => {
      const head = `GET / HTTP/1.1\r\nHOST: b\r\n${fields.join("\r\n")}\r\n\r\n`;
      for (const flags of [READER_KEEP_CASE, READER_KEEP_CASE | READER_KEEP_CASE_PROPER]) {
        const { headers } = codec.formatEveryWay(head, { flags });
        assert.deepEqual(headers, ["HOST: b", ...want]);
      }
      const lower = codec.formatEveryWay(head).headers;
      assert.deepEqual(lower[0], "host: b");
    });
  }

  it("readHead: entries are in lower case where case is kept, too", () => {
    const head = "GET / HTTP/1.1\r\nHOST: b\r\nX-Foo: V\r\n\r\n";
    const { messages } = codec.readEveryWay(head, { flags: READER_KEEP_CASE });
    assert.deepEqual(messages[0].headers, ["host: b", "x-foo: V"]);
  });

  it("readHead: names are refused in the same way where case is kept", () => {
    for (const field of ["A : b", "A", ": b", "A(b: c", " A: b"]) {
      const text = `${LINE}${field}\r\n\r\n`;
      const { error } = codec.readEveryWay(text, { flags: READER_KEEP_CASE });
      assert.equal(error, codec.readEveryWay(text).error);
    }
  });

  it("dropHead: a head that is not whole is gone, so that nobody reads its bytes", () => {
    const { exports } = codec;
    const reader = exports.open(0, 0, 1000, 10);
    const bytes = Buffer.from(`${LINE}a: b\r\nc`);
    exports.read(reader, codec.place(bytes), bytes.length);
    assert.equal(codec.lines(reader, false).length, 4);
    exports.drop(reader);
    assert.deepEqual(codec.lines(reader, false), []);
    exports.close(reader);
  });

  it("readNext: a head that was refused is gone, too", () => {
    const { exports } = codec;
    const reader = exports.open(0, 0, 1000, 10);
    const bytes = Buffer.from(`${LINE}a: b\r\nc\r\n\r\n`);
    exports.read(reader, codec.place(bytes), bytes.length);
    assert.deepEqual(codec.lines(reader, false), []);
    exports.close(reader);
  });

  it("readNext: bytes that were looked at are not looked at again", () => {
    const { exports } = codec;
    const reader = exports.open(0, 0, 1000, 10);
    const bytes = Buffer.from(`${LINE}a: ${"v".repeat(50)}\r\n\r\n`);
    const seen = bytes.length - "v\r\n\r\n".length;
    assert.equal(exports.read(reader, codec.place(bytes), seen), 0);
    // Nobody may change them, so that nobody need look: which a control character shows.
    bytes[seen - 1] = 0;
    assert.equal(exports.read(reader, codec.place(bytes), bytes.length), 1);
    exports.close(reader);
  });
});
