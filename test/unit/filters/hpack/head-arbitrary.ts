import fc from "fast-check";
import { type Field, type Form, STATIC_FIELDS } from "./reference/plain-hpack.ts";

/** Names that are well known, that the static table has, or neither. */
const NAMES = [
  ...STATIC_FIELDS.map(([name]) => name).filter((name) => !name.startsWith(":")),
  ...["x-request-id", "x-envoy-attempt-count", "traceparent", "grpc-status", "priority"],
  ...["x-a", "x-b", "x", "a-name-that-nobody-knows-and-that-is-rather-long"],
];

/** Fields of HTTP/1, and the two whose values have a form. */
const WITH_RULES = /^(connection|keep-alive|proxy-connection|transfer-encoding|upgrade|te)$/;

const token = fc
  .array(fc.constantFrom(..."!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"), {
    minLength: 1,
    maxLength: 40,
  })
  .map((characters) => characters.join(""));

const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: token },
);

/** Texts that a value may be, most of them short. */
const value = fc.oneof(
  fc.constantFrom("", "0", "1", "gzip, deflate", "text/html", "{}"),
  fc.string({ maxLength: 60, unit: fc.constantFrom(..."abcdefgh /.-=;:0123456789AZ{}~\x80\xff") }),
  fc.string({ maxLength: 300, unit: "grapheme-ascii" }),
);

/** A field that may stand in any message, trailers too. */
export const anyField: fc.Arbitrary<Field> = fc
  .tuple(name, value)
  .map(([name, value]): Field => [WITH_RULES.test(name) ? `x-${name}` : name, value])
  .map(([name, value]): Field => [name === "content-length" ? "content-lengths" : name, value]);

/** Fields of a few messages of one connection, many of which repeat. */
export const anyHeads: fc.Arbitrary<Field[][]> = fc
  .array(anyField, { minLength: 1, maxLength: 30 })
  .chain((fields) =>
    fc.array(fc.array(fc.constantFrom(...fields), { maxLength: 20 }), {
      minLength: 1,
      maxLength: 8,
    }),
  );

/** Any way to encode a field. */
export const anyForm: fc.Arbitrary<Form> = fc.record({
  kind: fc.constantFrom("indexed", "added", "plain", "never"),
  usesName: fc.boolean(),
  huffmanName: fc.boolean(),
  huffmanValue: fc.boolean(),
});

/** Sizes of tables: those that hold nothing, a few fields, and all. */
export const anyTableBytes: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, 31, 32, 33, 64, 256, 4095, 4096, 65_536),
  fc.nat(600),
);
