import { deepEqual } from "node:assert/strict";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { before, suite, test } from "mocha";
import { LocalReplyConfigSchema } from "../../../../api/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { compileLocalReply } from "../../../../proxy/config/compile/local-reply.ts";
import { FieldPath } from "../../../../proxy/config/field-path.ts";
import { compileFormat } from "../../../../proxy/config/format/compile.ts";
import type { ImageWriter } from "../../../../proxy/config/image/image-writer.ts";
import { MACHINE } from "../../proxy/config/format/machine.ts";
import {
  FormatEngine,
  type MappedReply,
  TestImage,
  type TestStream,
} from "./format/format-engine.ts";

const SETTING = {
  ...MACHINE,
  runtimeFraction: () => undefined,
  compileFormat: (writer: ImageWriter, text: string, path: FieldPath) =>
    compileFormat(writer, text, MACHINE, path, { omitsEmpty: true }),
};

/** A 503 as the router makes it. */
const REPLY: TestStream = {
  status: 503,
  replyBody: "no healthy upstream",
  flags: ["UH"],
  requestHeadBytes: 1,
  request: [[":path", "/items"]],
};

function when(status: number): JsonObject {
  const value = { default_value: status, runtime_key: "none" };
  return { status_code_filter: { comparison: { op: "EQ", value } } };
}

function text(inline: string, contentType = ""): JsonObject {
  return { text_format_source: { inline_string: inline }, content_type: contentType };
}

suite("local reply map", () => {
  let engine: FormatEngine;

  before(async () => {
    engine = await FormatEngine.open();
    engine.exports.clock(0, 0);
  });

  function map(config: JsonObject, stream: TestStream = REPLY): MappedReply {
    const image = new TestImage();
    const message = fromJson(LocalReplyConfigSchema, config);
    const path = FieldPath.root.field("local_reply_config");
    image.setLocalReply(compileLocalReply(image.writer, message, SETTING, path));
    return engine.mapReply(image, stream);
  }

  test("mapLocalReply: a body that no rule touches is text/plain", () => {
    deepEqual(map({ mappers: [{ filter: when(404), status_code: 400 }] }), {
      status: 503,
      body: "no healthy upstream",
      headers: [
        [":status", "503"],
        ["content-type", "text/plain"],
      ],
    });
  });

  test("mapLocalReply: a body that no rule touches keeps its type", () => {
    const stream: TestStream = { ...REPLY, response: [["content-type", "text/html"]] };
    deepEqual(map({ mappers: [{ filter: when(404) }] }, stream).headers, [
      [":status", "503"],
      ["content-type", "text/html"],
    ]);
  });

  test("mapLocalReply: the first mapper that matches sets status, body and headers", () => {
    const reply = map({
      mappers: [
        { filter: when(404), body: { inline_string: "not this" } },
        {
          filter: when(503),
          status_code: 418,
          body: { inline_string: "short and stout" },
          headers_to_add: [
            { header: { key: "X-Flags", value: "%RESPONSE_FLAGS%" } },
            {
              header: { key: "content-type", value: "text/tea" },
              append_action: "OVERWRITE_IF_EXISTS_OR_ADD",
            },
          ],
        },
        { filter: { response_flag_filter: {} }, status_code: 500 },
      ],
    });
    deepEqual(reply, {
      status: 418,
      body: "short and stout",
      headers: [
        [":status", "418"],
        ["content-type", "text/tea"],
        ["x-flags", "UH"],
      ],
    });
  });

  test("mapLocalReply: a body that changed has the type of its format", () => {
    const config = { mappers: [{ filter: when(503), body: { inline_string: "other" } }] };
    const stream: TestStream = { ...REPLY, response: [["content-type", "text/html"]] };
    deepEqual(map(config, stream).headers, [
      [":status", "503"],
      ["content-type", "text/plain"],
    ]);
  });

  test("mapLocalReply: body_format makes the body of every reply", () => {
    const reply = map({
      body_format: text("%RESPONSE_CODE% %LOCAL_REPLY_BODY% %REQ(:path)%\n", "text/x-error"),
    });
    deepEqual(reply.body, "503 no healthy upstream /items\n");
    deepEqual(reply.headers, [
      [":status", "503"],
      ["content-type", "text/x-error"],
    ]);
  });

  test("mapLocalReply: body_format sees what the mapper made", () => {
    const reply = map({
      mappers: [{ filter: when(503), status_code: 500, body: { inline_string: "sorry" } }],
      body_format: {
        json_format: {
          status: "%RESPONSE_CODE%",
          message: "%LOCAL_REPLY_BODY%",
          x: "%RESP(:status)%",
        },
      },
    });
    deepEqual(reply.body, '{"message":"sorry","status":500,"x":"500"}\n');
    deepEqual(reply.headers, [
      [":status", "500"],
      ["content-type", "application/json"],
    ]);
  });

  test("mapLocalReply: body_format_override goes before body_format", () => {
    const config = {
      mappers: [
        { filter: when(503), body_format_override: text("<%LOCAL_REPLY_BODY%>", "text/a") },
      ],
      body_format: text("%LOCAL_REPLY_BODY%!"),
    };
    deepEqual(map(config).body, "<no healthy upstream>");
    deepEqual(map(config, { ...REPLY, status: 404 }).body, "no healthy upstream!");
  });

  test("mapLocalReply: an empty body has no type", () => {
    const config = { mappers: [{ filter: when(503), body: { inline_string: "" } }] };
    const stream: TestStream = { ...REPLY, response: [["content-type", "text/html"]] };
    deepEqual(map(config, stream), { status: 503, body: "", headers: [[":status", "503"]] });
  });

  test("mapLocalReply: an access log sees no local reply body", () => {
    const config = { body_format: text("%LOCAL_REPLY_BODY%") };
    deepEqual(map(config).body, "no healthy upstream");
    const image = new TestImage();
    const program = compileFormat(
      image.writer,
      "[%LOCAL_REPLY_BODY%]",
      MACHINE,
      FieldPath.root.field("access_log"),
    );
    deepEqual(engine.run(image, program, REPLY), "[]");
  });
});
