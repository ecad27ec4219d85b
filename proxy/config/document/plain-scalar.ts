/** The words that yaml-cpp takes for a boolean: in small letters, capitals, or capitalised. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map(
  ["y", "yes", "on", "true", "n", "no", "off", "false"].flatMap((word, index) => {
    const capitalised = word.charAt(0).toUpperCase() + word.slice(1);
    return [word, capitalised, word.toUpperCase()].map((form) => [form, index < 4] as const);
  }),
);

const NULLS: ReadonlySet<string> = new Set(["", "~", "null", "Null", "NULL"]);

/** Decimal, hexadecimal or, after a zero, octal: what a C++ stream reads into an integer. */
const INTEGER = /^([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/;

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const INT32_MIN = -(2n ** 31n);
const INT32_MAX = 2n ** 31n - 1n;

/**
 * What an unquoted YAML scalar stands for, by Envoy's rule: a boolean word, an integer, or else
 * text. Numbers with a fraction stay text, and so do integers over 32 bits, written in decimal:
 * protobuf's JSON reads numbers from text just as well, and without loss.
 */
export function readPlainScalar(text: string): string | number | boolean | null {
  if (NULLS.has(text)) return null;
  const boolean = BOOLEANS.get(text);
  if (boolean !== undefined) return boolean;
  const match = INTEGER.exec(text);
  if (match === null) return text;
  const [, sign, digits] = match;
  const isOctal = digits.length > 1 && digits.startsWith("0") && !/^0x/i.test(digits);
  const magnitude = BigInt(isOctal ? `0o${digits.slice(1)}` : digits.toLowerCase());
  const integer = sign === "-" ? -magnitude : magnitude;
  if (integer < INT64_MIN || integer > INT64_MAX) return text;
  return integer < INT32_MIN || integer > INT32_MAX ? integer.toString() : Number(integer);
}
