import { equal, throws } from "node:assert/strict";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { suite, test } from "mocha";
import { FORMAT_OPERATIONS } from "../../../../../api/engine/format-image.ts";
import { SubstitutionFormatStringSchema } from "../../../../../api/gen/envoy/config/core/v3/substitution_format_string_pb.js";
import { FieldPath } from "../../../../../proxy/config/field-path.ts";
import {
  type CompiledSubstitution,
  compileSubstitution,
} from "../../../../../proxy/config/format/compile-substitution.ts";
import { ImageWriter } from "../../../../../proxy/config/image/image-writer.ts";
import { MACHINE } from "./machine.ts";

type Format = MessageInitShape<typeof SubstitutionFormatStringSchema>;

const PATH = FieldPath.root.field("log_format");

function compile(format: Format, writer = new ImageWriter()): CompiledSubstitution {
  writer.reserve(64);
  const message = create(SubstitutionFormatStringSchema, format);
  return compileSubstitution(writer, message, MACHINE, PATH);
}

function operationCount(format: Format): number {
  const writer = new ImageWriter();
  const { program } = compile(format, writer);
  const bytes = writer.finish();
  return new DataView(bytes.buffer).getUint32(program + FORMAT_OPERATIONS + 4, true);
}

function textSource(specifier: { case: "inlineString" | "filename"; value: string }): Format {
  return { format: { case: "textFormatSource", value: { specifier } } };
}

suite("compile substitution", () => {
  test("compileSubstitution: text is text/plain and JSON is application/json", () => {
    equal(compile({ format: { case: "textFormat", value: "x" } }).contentType, "text/plain");
    const json = compile({ format: { case: "jsonFormat", value: {} } });
    equal(json.contentType, "application/json");
  });

  test("compileSubstitution: a content type that is given holds", () => {
    const format = { case: "textFormat", value: "x" } as const;
    equal(compile({ format, contentType: "text/html" }).contentType, "text/html");
  });

  test("compileSubstitution: a text may come from a file or the environment", () => {
    equal(operationCount(textSource({ case: "inlineString", value: "%PROTOCOL%" })), 1);
    equal(operationCount(textSource({ case: "filename", value: "/format" })), 2);
    const specifier = { case: "environmentVariable", value: "REGION" } as const;
    equal(operationCount({ format: { case: "textFormatSource", value: { specifier } } }), 1);
  });

  test("compileSubstitution: an environment variable must exist", () => {
    const specifier = { case: "environmentVariable", value: "NONE" } as const;
    throws(() => compile({ format: { case: "textFormatSource", value: { specifier } } }), {
      code: "CONFIG_INVALID",
      message:
        "log_format.text_format_source.environment_variable: " +
        "Environment variable doesn't exist: NONE",
    });
  });

  test("compileSubstitution: formatter extensions are not implemented", () => {
    const format = { case: "textFormat", value: "x" } as const;
    throws(() => compile({ format, formatters: [{ name: "cel" }] }), {
      message: "log_format.formatters: not implemented",
    });
  });

  test("compileSubstitution: a problem is told with the path of the member", () => {
    const value = { outer: { list: ["%PROTOCOL%", "%FOO%"] } };
    throws(() => compile({ format: { case: "jsonFormat", value } }), {
      message: 'log_format.json_format["outer"]["list"][1]: Not supported field in StreamInfo: FOO',
    });
  });

  test("compileSubstitution: 32 levels are read, one more is refused", () => {
    const nest = (levels: number): Format => {
      let value = {};
      for (let i = 1; i < levels; i++) value = { a: value };
      return { format: { case: "jsonFormat", value } };
    };
    compile(nest(32));
    throws(() => compile(nest(33)), { code: "CONFIG_INVALID" });
  });

  test("compileSubstitution: literals that follow one another are one operation", () => {
    const value = { a: "x", b: 1, c: "%PROTOCOL%", d: [true, null] };
    equal(operationCount({ format: { case: "jsonFormat", value } }), 3);
  });
});
