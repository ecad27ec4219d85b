import { deepEqual, equal } from "node:assert/strict";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { anyPack, type Any } from "@bufbuild/protobuf/wkt";
import { create } from "@bufbuild/protobuf";
import { before, suite, test } from "mocha";
import {
  type AccessLog,
  AccessLogFilterSchema,
  AccessLogSchema,
} from "../../../../api/gen/envoy/config/accesslog/v3/accesslog_pb.js";
import { FileAccessLogSchema } from "../../../../api/gen/envoy/extensions/access_loggers/file/v3/file_pb.js";
import { compileAccessLogs } from "../../../../proxy/config/compile/log/access-log.ts";
import { FieldPath } from "../../../../proxy/config/field-path.ts";
import { MACHINE } from "../../proxy/config/format/machine.ts";
import { FormatEngine, TestImage } from "./format/format-engine.ts";

function fileLog(path: string, text: string): Any {
  const file = fromJson(FileAccessLogSchema, {
    path,
    log_format: { text_format_source: { inline_string: text } },
  });
  return anyPack(FileAccessLogSchema, file);
}

function log(path: string, text: string, filter?: JsonObject): AccessLog {
  const value = fileLog(path, text);
  return create(AccessLogSchema, {
    configType: { case: "typedConfig", value },
    ...(filter === undefined ? {} : { filter: fromJson(AccessLogFilterSchema, filter) }),
  });
}

function imageWith(...logs: readonly AccessLog[]): TestImage {
  const image = new TestImage();
  const paths: string[] = [];
  const setting = {
    ...MACHINE,
    runtimeFraction: () => undefined,
    sinkIndex({ path }: { readonly path: string }) {
      if (!paths.includes(path)) paths.push(path);
      return paths.indexOf(path);
    },
  };
  image.setAccessLogs(compileAccessLogs(image.writer, logs, setting, FieldPath.root));
  return image;
}

suite("access log", () => {
  let engine: FormatEngine;

  before(async () => {
    engine = await FormatEngine.open();
    engine.exports.clock(0, 0);
  });

  test("logStream: each stream adds a line to each log", () => {
    const image = imageWith(log("/a", "%RESPONSE_CODE%\n"), log("/b", "%PROTOCOL%\n"));
    engine.log(image, { status: 200 }, { status: 404 });
    equal(engine.exports.logSinkLines(0), 2);
    equal(engine.takeLines(0), "200\n404\n");
    equal(engine.takeLines(1), "HTTP/1.1\nHTTP/1.1\n");
  });

  test("logStream: logs with one file share a buffer, in their order", () => {
    const image = imageWith(log("/a", "1:%RESPONSE_CODE%\n"), log("/a", "2:%RESPONSE_CODE%\n"));
    engine.log(image, { status: 200 }, { status: 404 });
    equal(engine.takeLines(0), "1:200\n2:200\n1:404\n2:404\n");
  });

  test("logStream: a filter holds for its own log", () => {
    const filter = { response_flag_filter: {} };
    const image = imageWith(log("/a", "all\n"), log("/b", "failed\n", filter));
    engine.log(image, {}, { flags: ["UF"] });
    equal(engine.takeLines(0), "all\nall\n");
    equal(engine.takeLines(1), "failed\n");
  });

  test("logPendingBytes: lines count until they are taken", () => {
    const image = imageWith(log("/a", "12345\n"), log("/b", "123\n"));
    engine.log(image, {}, {});
    equal(engine.exports.logPendingBytes(), 20);
    engine.takeLines(0);
    equal(engine.exports.logPendingBytes(), 8);
    engine.takeLines(1);
    equal(engine.exports.logPendingBytes(), 0);
  });

  test("logStream: a buffer takes a mebibyte; what comes then is dropped and counted", () => {
    const line = `${"x".repeat(1_023)}\n`;
    const image = imageWith(log("/a", line));
    engine.log(image, ...Array.from({ length: 1_026 }, () => ({})));
    const { logSinkDropped, logSinkLength, logSinkLines } = engine.exports;
    deepEqual([logSinkLength(0), logSinkLines(0), logSinkDropped(0)], [1_048_576, 1_024, 2]);
    equal(engine.takeLines(0), line.repeat(1_024));
    deepEqual([logSinkLength(0), logSinkLines(0), logSinkDropped(0)], [0, 0, 0]);
  });

  test("logSinkClear: a buffer that grew far is given back", () => {
    const image = imageWith(log("/a", `${"x".repeat(1_023)}\n`));
    engine.log(image, {});
    engine.takeLines(0);
    const before = engine.exports.bytesInUse();
    engine.log(image, ...Array.from({ length: 1_000 }, () => ({})));
    engine.takeLines(0);
    equal(engine.exports.bytesInUse() <= before, true);
    engine.log(image, {});
    equal(engine.takeLines(0), `${"x".repeat(1_023)}\n`);
  });
});
