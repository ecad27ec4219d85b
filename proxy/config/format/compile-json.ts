import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import * as image from "../../../api/engine/format-image.ts";
import type { FieldPath } from "../field-path.ts";
import type { ImageWriter } from "../image/image-writer.ts";
import type { FormatUse, WrittenOperation } from "./compile.ts";
import { placeProgram, readFormat, refuseFormat } from "./compile.ts";
import type { FormatSetting } from "./format-setting.ts";

/** Objects inside one another in a JSON format. The engine has a mark for each level. */
const DEPTH_MAX = 32;

/**
 * Compiles `json_format` to a program that writes one line. Members come in the order of their
 * names' bytes, as in Envoy; a text that is one command alone keeps the type of its value.
 *
 * @returns The offset of the program.
 * @throws MeshError `CONFIG_INVALID` with the path of the member.
 */
export function compileJsonFormat(
  writer: ImageWriter,
  format: JsonObject,
  context: FormatSetting,
  path: FieldPath,
  use: FormatUse,
): number {
  const builder = new JsonProgram(context, use.omitsEmpty);
  builder.addObject(format, path, 0);
  builder.addLiteral("\n");
  return placeProgram(writer, builder.operations);
}

/** Collects the operations of one JSON format. */
class JsonProgram {
  readonly operations: WrittenOperation[] = [];
  readonly #context: FormatSetting;
  readonly #omitsEmpty: boolean;

  constructor(context: FormatSetting, omitsEmpty: boolean) {
    this.#context = context;
    this.#omitsEmpty = omitsEmpty;
  }

  addLiteral(text: string): void {
    this.operations.push({ code: image.OP_LITERAL, write: image.WRITE_TEXT, text });
  }

  /** @param depth 0 for the whole, which is written even when it is empty. */
  addObject(object: JsonObject, path: FieldPath, depth: number): void {
    if (depth >= DEPTH_MAX) refuseFormat(path, `more than ${DEPTH_MAX} levels`);
    const names = Object.keys(object).sort(compareBytes);
    this.addLiteral("{");
    for (const [index, name] of names.entries()) {
      const key = `${JSON.stringify(name)}:`;
      this.#beginMember(key, index === 0, depth + 1);
      this.#addValue(object[name], path.key(name), depth + 1);
    }
    this.#closeObject(depth);
  }

  #closeObject(depth: number): void {
    if (!this.#omitsEmpty || depth === 0) this.addLiteral("}");
    else this.operations.push({ code: image.OP_CLOSE, write: image.WRITE_TEXT, argument: depth });
  }

  /** A comma, unless it is the first, and the key. What may be missing later asks at run time. */
  #beginMember(key: string, isFirst: boolean, depth: number): void {
    if (!this.#omitsEmpty) {
      this.addLiteral(isFirst ? key : `,${key}`);
      return;
    }
    const write = image.WRITE_TEXT;
    this.operations.push({ code: image.OP_KEY, write, argument: depth, text: key });
  }

  #addValue(value: JsonValue, path: FieldPath, depth: number): void {
    if (typeof value === "string") this.#addText(value, path);
    else if (Array.isArray(value)) this.#addList(value, path, depth);
    else if (value === null && this.#omitsEmpty) this.#addOperation({ code: image.OP_NOTHING });
    else if (value === null || typeof value !== "object") this.addLiteral(JSON.stringify(value));
    else this.addObject(value, path, depth);
  }

  #addList(values: readonly JsonValue[], path: FieldPath, depth: number): void {
    if (depth >= DEPTH_MAX) refuseFormat(path, `more than ${DEPTH_MAX} levels`);
    this.addLiteral("[");
    for (const [index, value] of values.entries()) {
      this.#beginMember("", index === 0, depth + 1);
      this.#addValue(value, path.item(index), depth + 1);
    }
    this.addLiteral("]");
  }

  #addText(text: string, path: FieldPath): void {
    const parts = readFormat(text, this.#context, path);
    if (parts.length === 1 && parts[0].code !== image.OP_LITERAL) {
      this.#addOperation(parts[0]);
      return;
    }
    const write = this.#omitsEmpty ? image.WRITE_PART_OR_NOTHING : image.WRITE_PART;
    this.addLiteral('"');
    for (const part of parts) {
      if (part.code === image.OP_LITERAL) this.addLiteral(escapeText(part.text ?? ""));
      else this.operations.push({ ...part, write });
    }
    this.addLiteral('"');
  }

  #addOperation(operation: Omit<WrittenOperation, "write">): void {
    const write = this.#omitsEmpty ? image.WRITE_VALUE_OR_OMIT : image.WRITE_VALUE;
    this.operations.push({ ...operation, write });
  }
}

/** The text as it stands between the quotes of a JSON string. */
function escapeText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Orders texts by their UTF-8 bytes, which is the order of their code points. */
export function compareBytes(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = codeOf(left[i]) - codeOf(right[i]);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
