import * as image from "../../../api/engine/format-image.ts";
import { MeshError } from "../../../api/errors.ts";
import type { FieldPath } from "../field-path.ts";
import type { ImageWriter } from "../image/image-writer.ts";
import type { FormatSetting } from "./format-setting.ts";
import { headerId, type Operation } from "./operation.ts";
import { parseFormat } from "./parse.ts";

/** An operation with the way in which its value is written. */
export interface WrittenOperation extends Operation {
  /** `WRITE_*`. */
  readonly write: number;
}

/** How the result of a format is used. */
export interface FormatUse {
  /** A value that is not there is written as nothing instead of `-`, as for headers. */
  readonly omitsEmpty: boolean;
}

/**
 * Compiles a format string to a program in the image.
 *
 * @returns The offset of the program.
 * @throws MeshError `CONFIG_INVALID` with `path` when the format is malformed or asks for something
 * that is not implemented.
 */
export function compileFormat(
  writer: ImageWriter,
  text: string,
  context: FormatSetting,
  path: FieldPath,
  use: FormatUse = { omitsEmpty: false },
): number {
  const write = use.omitsEmpty ? image.WRITE_TEXT_OR_NOTHING : image.WRITE_TEXT;
  const operations = readFormat(text, context, path).map((operation) => ({ ...operation, write }));
  return placeProgram(writer, operations);
}

/**
 * Takes a format string apart.
 *
 * @throws MeshError `CONFIG_INVALID` with `path`.
 */
export function readFormat(
  text: string,
  context: FormatSetting,
  path: FieldPath,
): readonly Operation[] {
  const parsed = parseFormat(text, context);
  if ("problem" in parsed) refuseFormat(path, parsed.problem);
  return parsed.operations;
}

/** Ends the compilation: what stands at `path` cannot be compiled. */
export function refuseFormat(path: FieldPath, reason: string): never {
  const at = path.toString();
  throw new MeshError("CONFIG_INVALID", `${at}: ${reason}`, { problems: [{ path: at, reason }] });
}

/** Writes a program and returns its offset. Literals that follow one another become one. */
export function placeProgram(writer: ImageWriter, operations: readonly WrittenOperation[]): number {
  const joined = joinLiterals(operations);
  const program = writer.reserve(image.FORMAT_BYTES);
  const list = writer.reserve(joined.length * image.OPERATION_BYTES);
  for (const [index, operation] of joined.entries()) {
    placeOperation(writer, list + index * image.OPERATION_BYTES, operation);
  }
  writer.setList(program + image.FORMAT_OPERATIONS, list, joined.length);
  return program;
}

function placeOperation(writer: ImageWriter, at: number, operation: WrittenOperation): void {
  const { code, write, argument = 0, text = "", other = "", limit = -1 } = operation;
  writer.setUint32(at + image.OPERATION_CODE, code);
  writer.setUint32(at + image.OPERATION_WRITE, write);
  writer.setInt32(at + image.OPERATION_LIMIT, limit);
  writer.setUint32(at + image.OPERATION_ARGUMENT, argument);
  writer.setText(at + image.OPERATION_TEXT, text);
  writer.setText(at + image.OPERATION_OTHER, other);
  writer.setUint32(at + image.OPERATION_TEXT_ID, headerId(text));
  writer.setUint32(at + image.OPERATION_OTHER_ID, headerId(other));
}

function joinLiterals(operations: readonly WrittenOperation[]): WrittenOperation[] {
  const joined: WrittenOperation[] = [];
  for (const operation of operations) {
    const last = joined.at(-1);
    if (operation.code === image.OP_LITERAL && last?.code === image.OP_LITERAL) {
      joined[joined.length - 1] = { ...last, text: `${last.text ?? ""}${operation.text ?? ""}` };
    } else {
      joined.push(operation);
    }
  }
  return joined;
}
