import assert from "node:assert/strict";
import { createRegistry, fromJson, type JsonObject } from "@bufbuild/protobuf";
import { HCM_ACCESS_LOGS } from "../../../../../../api/engine/image.ts";
import { AccessLogSchema } from "../../../../../../api/gen/envoy/config/accesslog/v3/accesslog_pb.js";
import { FileAccessLogSchema } from "../../../../../../api/gen/envoy/extensions/access_loggers/file/v3/file_pb.js";
import { StdoutAccessLogSchema } from "../../../../../../api/gen/envoy/extensions/access_loggers/stream/v3/stream_pb.js";
import { compileAdminLog } from "../../../../../../proxy/config/compile/log/admin-log.ts";
import { FieldPath } from "../../../../../../proxy/config/field-path.ts";
import { ImageReader } from "../../../../../../proxy/config/compile/route/describe/image-reader.ts";
import { SAMPLE_SETTING } from "../sample-setting.ts";

const LOGGERS = "type.googleapis.com/envoy.extensions.access_loggers";

const registry = createRegistry(FileAccessLogSchema, StdoutAccessLogSchema);

function compile(...logs: readonly JsonObject[]) {
  const messages = logs.map((log) => {
    return fromJson(AccessLogSchema, log, { registry });
  });
  return compileAdminLog(messages, SAMPLE_SETTING, FieldPath.root.field("admin"));
}

function file(path: string): JsonObject {
  return { typed_config: { "@type": `${LOGGERS}.file.v3.FileAccessLog`, path } };
}

describe("compileAdminLog", () => {
  it("compileAdminLog: without logs there is nothing", () => {
    assert.equal(compile(), null);
  });

  it("compileAdminLog: the manager has each log, and equal files are one", () => {
    const stdout = { typed_config: { "@type": `${LOGGERS}.stream.v3.StdoutAccessLog` } };
    const model = compile(file("/a"), file("/a"), stdout);
    assert.deepEqual(model?.sinks, [
      { kind: "file", path: "/a" },
      { kind: "stdout", path: "" },
    ]);
    const reader = new ImageReader(new DataView(model?.image.buffer ?? new ArrayBuffer(0)));
    assert.equal(reader.uint32((model?.record ?? 0) + HCM_ACCESS_LOGS + 4), 3);
  });

  it("compileAdminLog: what is wrong is refused with its path", () => {
    const wrong = { ...file("/a"), filter: { header_filter: {} } };
    const message = /^admin\[1\]\.filter\.header_filter\.header: value is required$/;
    assert.throws(() => compile(file("/a"), wrong), { code: "CONFIG_INVALID", message });
  });
});
