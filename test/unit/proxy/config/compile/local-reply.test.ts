import { equal, ok, throws } from "node:assert/strict";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { suite, test } from "mocha";
import { LocalReplyConfigSchema } from "../../../../../api/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { compileLocalReply } from "../../../../../proxy/config/compile/local-reply.ts";
import { FieldPath } from "../../../../../proxy/config/field-path.ts";
import { ImageWriter } from "../../../../../proxy/config/image/image-writer.ts";
import { MACHINE } from "../format/machine.ts";

const PATH = FieldPath.root.field("local_reply_config");
const FILTER = { not_health_check_filter: {} };

function compile(json: JsonObject): number {
  const writer = new ImageWriter();
  writer.reserve(64);
  const setting = { ...MACHINE, runtimeFraction: () => undefined, compileFormat: () => 0 };
  return compileLocalReply(writer, fromJson(LocalReplyConfigSchema, json), setting, PATH);
}

function bodyOf(bytes: number): JsonObject {
  return { mappers: [{ filter: FILTER, body: { inline_string: "x".repeat(bytes) } }] };
}

suite("compile local reply", () => {
  test("compileLocalReply: an empty configuration needs no record", () => {
    equal(compile({}), 0);
  });

  test("compileLocalReply: a mapper needs a filter", () => {
    throws(() => compile({ mappers: [{ status_code: 500 }] }), {
      message: "local_reply_config.mappers[0].filter: value is required",
    });
  });

  test("compileLocalReply: a body of 4,096 bytes is taken, one more is refused", () => {
    ok(compile(bodyOf(4_096)) > 0);
    throws(() => compile(bodyOf(4_097)), {
      message:
        "local_reply_config.mappers[0].body: " +
        "the body is 4097 bytes long, and the maximum is 4096",
    });
  });

  test("compileLocalReply: a problem of a format has its path", () => {
    const format = { text_format_source: { inline_string: "%X%" } };
    throws(() => compile({ mappers: [{ filter: FILTER, body_format_override: format }] }), {
      message:
        "local_reply_config.mappers[0].body_format_override.text_format_source: " +
        "Not supported field in StreamInfo: X",
    });
    throws(() => compile({ body_format: format }), {
      message:
        "local_reply_config.body_format.text_format_source: Not supported field in StreamInfo: X",
    });
  });
});
