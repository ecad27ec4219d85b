import assert from "node:assert/strict";
import {
  ESCAPED_SLASHES_REJECT,
  ESCAPED_SLASHES_UNESCAPE_FORWARD,
  ESCAPED_SLASHES_UNESCAPE_REDIRECT,
  HCM_MERGE_SLASHES,
  HCM_NORMALIZE_PATH,
} from "../../../../api/engine/image.ts";
import { HcmModule, type HcmSketch } from "./hcm-module.ts";

const NORMALIZED = { flags: HCM_NORMALIZE_PATH };
const MERGED = { flags: HCM_MERGE_SLASHES };
const REJECTED = { escapedSlashes: ESCAPED_SLASHES_REJECT };
const FORWARDED = { escapedSlashes: ESCAPED_SLASHES_UNESCAPE_FORWARD };
const REDIRECTED = { escapedSlashes: ESCAPED_SLASHES_UNESCAPE_REDIRECT };

/** Paths before and after. */
const rows: readonly { name: string; sketch: HcmSketch; path: string; want: string }[] = [
  {
    name: "stays as it is when nothing is asked",
    sketch: {},
    path: "/a//../%41",
    want: "/a//../%41",
  },
  // RFC 3986 §5.2.4, the example of the text.
  { name: "dot segments go", sketch: NORMALIZED, path: "/a/b/c/./../../g", want: "/a/g" },
  { name: "dots at the end leave a slash", sketch: NORMALIZED, path: "/a/b/..", want: "/a/" },
  { name: "dots stop at the root", sketch: NORMALIZED, path: "/../../a", want: "/a" },
  { name: "three dots are a name", sketch: NORMALIZED, path: "/.../a", want: "/.../a" },
  { name: "escaped dots are dots", sketch: NORMALIZED, path: "/a/%2E%2e/b", want: "/b" },
  // RFC 3986 §6.2.2.2.
  {
    name: "unreserved characters need no escape",
    sketch: NORMALIZED,
    path: "/%7euser%2D",
    want: "/~user-",
  },
  {
    name: "other escapes stay as written",
    sketch: NORMALIZED,
    path: "/a%2fb%3F%c3",
    want: "/a%2fb%3F%c3",
  },
  { name: "a broken escape stays", sketch: NORMALIZED, path: "/a%2", want: "/a%2" },
  {
    name: "what does not belong into a path is escaped",
    sketch: NORMALIZED,
    path: '/a"{|}',
    want: "/a%22%7B%7C%7D",
  },
  { name: "backslashes are slashes", sketch: NORMALIZED, path: "/a\\..\\b", want: "/b" },
  {
    name: "the query is left alone",
    sketch: NORMALIZED,
    path: "/./a?b=/../c%41",
    want: "/a?b=/../c%41",
  },
  { name: "slashes are merged", sketch: MERGED, path: "//a///b//?c//d", want: "/a/b/?c//d" },
  {
    name: "escaped slashes are unescaped",
    sketch: FORWARDED,
    path: "/a%2Fb%5c?%2F",
    want: "/a/b\\?%2F",
  },
  {
    name: "without escaped slashes nothing is rejected",
    sketch: REJECTED,
    path: "/a%20b",
    want: "/a%20b",
  },
];

const refused: readonly { name: string; sketch: HcmSketch; path: string; status: number }[] = [
  { name: "a fragment", sketch: {}, path: "/a#b", status: 400 },
  { name: "an escaped NUL", sketch: NORMALIZED, path: "/a%00", status: 400 },
  { name: "an escaped slash", sketch: REJECTED, path: "/a%2fb", status: 400 },
  { name: "an escaped slash, to the tidy path,", sketch: REDIRECTED, path: "/a%2fb", status: 307 },
];

describe("paths", () => {
  let hcm: HcmModule;
  before(async function () {
    this.timeout(60_000);
    hcm = await HcmModule.open();
  });

  for (const { name, sketch, path, want } of rows) {
    it(`path: ${name}`, () => {
      const prepared = hcm.prepare(`GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`, sketch);
      assert.equal(prepared?.status, 0);
      assert.equal(prepared.get(":path"), want);
    });
  }

  for (const { name, sketch, path, status } of refused) {
    it(`path: ${name} is answered with ${status}`, () => {
      const prepared = hcm.prepare(`GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`, sketch);
      assert.equal(prepared?.status, status);
      assert.equal(prepared.details, "path_normalization_failed");
    });
  }
});
