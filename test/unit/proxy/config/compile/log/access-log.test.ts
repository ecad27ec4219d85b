import { deepEqual, equal, throws } from "node:assert/strict";
import { create, fromJson, type JsonObject } from "@bufbuild/protobuf";
import { type Any, AnySchema, anyPack } from "@bufbuild/protobuf/wkt";
import { suite, test } from "mocha";
import {
  ACCESS_LOG_BYTES,
  ACCESS_LOG_SINK,
  ACCESS_LOG_SINKS_MAX,
} from "../../../../../../api/engine/format-image.ts";
import {
  AccessLogFilterSchema,
  AccessLogSchema,
} from "../../../../../../api/gen/envoy/config/accesslog/v3/accesslog_pb.js";
import { FileAccessLogSchema } from "../../../../../../api/gen/envoy/extensions/access_loggers/file/v3/file_pb.js";
import {
  StderrAccessLogSchema,
  StdoutAccessLogSchema,
} from "../../../../../../api/gen/envoy/extensions/access_loggers/stream/v3/stream_pb.js";
import { compileAccessLogs } from "../../../../../../proxy/config/compile/log/access-log.ts";
import { FieldPath } from "../../../../../../proxy/config/field-path.ts";
import { ImageWriter } from "../../../../../../proxy/config/image/image-writer.ts";
import type { LogSinkModel } from "../../../../../../proxy/config/model.ts";
import { MACHINE } from "../../format/machine.ts";

const PATH = FieldPath.root.field("access_log");

/** Compiles logs; returns the sinks that were asked for, and the number of each log's. */
function compile(configs: readonly Any[], filter?: JsonObject, firstSink = 0) {
  const writer = new ImageWriter();
  writer.reserve(64);
  const sinks: LogSinkModel[] = [];
  const logs = configs.map((value) =>
    create(AccessLogSchema, {
      configType: { case: "typedConfig", value },
      ...(filter === undefined ? {} : { filter: fromJson(AccessLogFilterSchema, filter) }),
    }),
  );
  const setting = {
    ...MACHINE,
    runtimeFraction: () => undefined,
    sinkIndex: (sink: LogSinkModel) => firstSink + sinks.push(sink) - 1,
  };
  const { offset, count } = compileAccessLogs(writer, logs, setting, PATH);
  const view = new DataView(writer.finish().buffer);
  const numbers = Array.from({ length: count }, (_, index) =>
    view.getUint32(offset + index * ACCESS_LOG_BYTES + ACCESS_LOG_SINK, true),
  );
  return { sinks, numbers };
}

function fileLog(json: JsonObject): Any {
  return anyPack(FileAccessLogSchema, fromJson(FileAccessLogSchema, json));
}

function refusal(configs: readonly Any[], message: string, filter?: JsonObject): void {
  throws(() => compile(configs, filter), { code: "CONFIG_INVALID", message });
}

suite("compile access log", () => {
  test("compileAccessLogs: files and streams are asked for, in order", () => {
    const { sinks, numbers } = compile([
      fileLog({ path: "/logs/a" }),
      anyPack(StdoutAccessLogSchema, create(StdoutAccessLogSchema)),
      anyPack(StderrAccessLogSchema, create(StderrAccessLogSchema)),
    ]);
    deepEqual(sinks, [
      { kind: "file", path: "/logs/a" },
      { kind: "stdout", path: "" },
      { kind: "stderr", path: "" },
    ]);
    deepEqual(numbers, [0, 1, 2]);
  });

  test("compileAccessLogs: no logs are an empty list", () => {
    deepEqual(compile([]).numbers, []);
  });

  test("compileAccessLogs: the last number of a sink is taken, one more is refused", () => {
    const logs = [fileLog({ path: "/logs/a" })];
    equal(compile(logs, undefined, ACCESS_LOG_SINKS_MAX - 1).numbers[0], ACCESS_LOG_SINKS_MAX - 1);
    throws(() => compile(logs, undefined, ACCESS_LOG_SINKS_MAX), {
      message: "access_log[0].typed_config: more than 256 access log files",
    });
  });

  test("compileAccessLogs: a logger of another kind is not implemented", () => {
    const typeUrl = "type.googleapis.com/envoy.extensions.access_loggers.wasm.v3.WasmAccessLog";
    refusal(
      [create(AnySchema, { typeUrl })],
      "access_log[0].typed_config: " +
        "envoy.extensions.access_loggers.wasm.v3.WasmAccessLog: not implemented",
    );
  });

  test("compileAccessLogs: the old spellings of a format are not implemented", () => {
    refusal(
      [fileLog({ path: "/a", format: "%PROTOCOL%" })],
      "access_log[0].typed_config.format: not implemented: use log_format",
    );
  });

  test("compileAccessLogs: a problem of the format has its path", () => {
    const json = { path: "/a", log_format: { text_format_source: { inline_string: "%X" } } };
    refusal(
      [fileLog(json)],
      "access_log[0].typed_config.log_format.text_format_source: " +
        "Incorrect configuration: %X. Couldn't find valid command at position 0",
    );
  });

  test("compileAccessLogs: a response flag must be one of Envoy's", () => {
    refusal(
      [fileLog({ path: "/a" })],
      "access_log[0].filter.and_filter.filters[1].response_flag_filter.flags[1]: " +
        "unknown response flag ZZ",
      {
        and_filter: {
          filters: [
            { not_health_check_filter: {} },
            { response_flag_filter: { flags: ["UH", "ZZ"] } },
          ],
        },
      },
    );
  });

  test("compileAccessLogs: a filter that needs what is not there is refused", () => {
    const path = "access_log[0].filter";
    refusal([fileLog({ path: "/a" })], `${path}: traceableFilter: not implemented`, {
      traceable_filter: {},
    });
    refusal([fileLog({ path: "/a" })], `${path}: metadataFilter: not implemented`, {
      metadata_filter: {},
    });
  });
});
