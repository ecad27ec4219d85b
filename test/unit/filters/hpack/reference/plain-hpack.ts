import { decodePlain, encodePlain } from "./plain-huffman.ts";

/*
 * HPACK as RFC 7541 describes it, with lists and strings: slow, and independent of the engine.
 * Texts are Latin-1.
 */

/** Name and value. */
export type Field = readonly [name: string, value: string];

/** `name: value` as a field; either may be empty. */
export function toField(line: string): Field {
  const end = line.indexOf(": ");
  return [line.slice(0, end), line.slice(end + 2)];
}

/** A field as `name: value`. */
export function toLine([name, value]: Field): string {
  return `${name}: ${value}`;
}

/** Appendix A: names, each with its value behind a blank when it has one. */
const STATIC_LINES = `
  :authority|:method GET|:method POST|:path /|:path /index.html|:scheme http|:scheme https
  :status 200|:status 204|:status 206|:status 304|:status 400|:status 404|:status 500
  accept-charset|accept-encoding gzip, deflate|accept-language|accept-ranges|accept
  access-control-allow-origin|age|allow|authorization|cache-control|content-disposition
  content-encoding|content-language|content-length|content-location|content-range|content-type
  cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range
  if-unmodified-since|last-modified|link|location|max-forwards|proxy-authenticate
  proxy-authorization|range|referer|refresh|retry-after|server|set-cookie
  strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate
`;

/** The static table; index 1 is the first. */
export const STATIC_FIELDS: readonly Field[] = STATIC_LINES.trim()
  .split(/\||\n\s*/)
  .map((line) => {
    const [name, ...words] = line.split(" ");
    return [name, words.join(" ")];
  });

/** `E_HPACK_*` without the prefix. */
export class PlainError extends Error {}

const INTEGER_MAX = 2 ** 31 - 1;
const INTEGER_BYTES_MAX = 5;

/** What each field counts beside its texts. §4.1. */
function sizeOf([name, value]: Field): number {
  return name.length + value.length + 32;
}

/** Dynamic table. §2.3.2, the newest first. */
export class PlainTable {
  fields: Field[] = [];
  sizeMax = 4096;

  get size(): number {
    return this.fields.reduce((size, field) => size + sizeOf(field), 0);
  }

  add(field: Field): void {
    this.fields.unshift(field);
    this.#evict();
  }

  resize(sizeMax: number): void {
    this.sizeMax = sizeMax;
    this.#evict();
  }

  /** The field of an index, §2.3.3, or null. */
  at(index: number): Field | null {
    const all = [...STATIC_FIELDS, ...this.fields];
    return all[index - 1] ?? null;
  }

  #evict(): void {
    while (this.size > this.sizeMax) this.fields.pop();
  }
}

/** Decodes header blocks. */
export class PlainDecoder {
  readonly table = new PlainTable();
  /** The largest size that the encoder may ask for. */
  limit = 4096;
  #bytes = Buffer.alloc(0);
  #at = 0;

  /** The fields of a block; throws a PlainError. */
  decode(block: Uint8Array): Field[] {
    this.#bytes = Buffer.from(block);
    this.#at = 0;
    const fields: Field[] = [];
    let mayResize = true;
    while (this.#at < this.#bytes.length) {
      const first = this.#bytes[this.#at];
      if ((first & 0xe0) === 0x20) {
        if (!mayResize) throw new PlainError("TABLE_SIZE_LATE");
        const size = this.#readNumber(5);
        if (size > this.limit) throw new PlainError("TABLE_SIZE");
        this.table.resize(size);
        continue;
      }
      mayResize = false;
      if (first >= 0x80) fields.push(this.#fieldAt(this.#readNumber(7)));
      else if (first >= 0x40) {
        const field = this.#readLiteral(6);
        this.table.add(field);
        fields.push(field);
      } else fields.push(this.#readLiteral(4));
    }
    return fields;
  }

  #readLiteral(prefixBits: number): Field {
    const index = this.#readNumber(prefixBits);
    const name = index === 0 ? this.#readText() : this.#fieldAt(index)[0];
    return [name, this.#readText()];
  }

  #fieldAt(index: number): Field {
    const field = this.table.at(index);
    if (field === null) throw new PlainError("INDEX");
    return field;
  }

  #readNumber(prefixBits: number): number {
    const prefix = 2 ** prefixBits - 1;
    let value = this.#readByte() & prefix;
    if (value < prefix) return value;
    for (let digit = 0; digit < INTEGER_BYTES_MAX; digit += 1) {
      const byte = this.#readByte();
      value += (byte & 127) * 128 ** digit;
      if (byte < 128) {
        if (value > INTEGER_MAX) break;
        return value;
      }
    }
    throw new PlainError("INTEGER");
  }

  #readByte(): number {
    if (this.#at === this.#bytes.length) throw new PlainError("TRUNCATED");
    this.#at += 1;
    return this.#bytes[this.#at - 1];
  }

  #readText(): string {
    const isHuffman = (this.#bytes[this.#at] ?? 0) >= 0x80;
    const length = this.#readNumber(7);
    if (this.#at + length > this.#bytes.length) throw new PlainError("TRUNCATED");
    this.#at += length;
    const text = this.#bytes.subarray(this.#at - length, this.#at);
    const decoded = isHuffman ? decodePlain(text) : text;
    if (decoded === null) throw new PlainError("HUFFMAN");
    return decoded.toString("latin1");
  }
}

/** How a field is encoded, if that is possible: see `encodeForm`. */
export interface Form {
  readonly kind: "indexed" | "added" | "plain" | "never";
  /** Whether the name is an index where there is one. */
  readonly usesName: boolean;
  readonly huffmanName: boolean;
  readonly huffmanValue: boolean;
}

/** Encodes a field in one of the forms that §6 allows, and does to the table what it says. */
export function encodeForm(table: PlainTable, field: Field, form: Form): Buffer {
  const all = [...STATIC_FIELDS, ...table.fields];
  const [name, value] = field;
  const index = all.findIndex((other) => other[0] === name && other[1] === value) + 1;
  if (form.kind === "indexed" && index > 0) return encodeNumber(0x80, 7, index);
  const nameIndex = form.usesName ? all.findLastIndex((other) => other[0] === name) + 1 : 0;
  const isAdded = form.kind === "added" || form.kind === "indexed";
  const pattern = isAdded ? 0x40 : form.kind === "never" ? 0x10 : 0;
  const parts = [encodeNumber(pattern, isAdded ? 6 : 4, nameIndex)];
  if (nameIndex === 0) parts.push(encodeText(name, form.huffmanName));
  parts.push(encodeText(value, form.huffmanValue));
  if (isAdded) table.add(field);
  return Buffer.concat(parts);
}

/** A number of §5.1 behind the bits of `pattern`. */
export function encodeNumber(pattern: number, prefixBits: number, value: number): Buffer {
  const prefix = 2 ** prefixBits - 1;
  if (value < prefix) return Buffer.of(pattern | value);
  const bytes = [pattern | prefix];
  let rest = value - prefix;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

/** A text of §5.2. */
function encodeText(text: string, isHuffman: boolean): Buffer {
  const bytes = Buffer.from(text, "latin1");
  const coded = isHuffman ? encodePlain(bytes) : bytes;
  return Buffer.concat([encodeNumber(isHuffman ? 0x80 : 0, 7, coded.length), coded]);
}
