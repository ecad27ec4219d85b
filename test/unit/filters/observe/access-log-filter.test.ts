import { equal } from "node:assert/strict";
import { create, fromJson, type JsonObject } from "@bufbuild/protobuf";
import { before, suite, test } from "mocha";
import {
  AccessLogFilterSchema,
  LogTypeFilterSchema,
} from "../../../../api/gen/envoy/config/accesslog/v3/accesslog_pb.js";
import { AccessLogType } from "../../../../api/gen/envoy/data/accesslog/v3/accesslog_pb.js";
import { compileAccessLogFilter } from "../../../../proxy/config/compile/log/access-log-filter.ts";
import { FieldPath } from "../../../../proxy/config/field-path.ts";
import { COMPARE_NOT_EQUAL } from "../../../../api/engine/format-image.ts";
import { STATE_HEALTH_CHECK } from "../../../../api/engine/layout.ts";
import { FormatEngine, TestImage, type TestStream } from "./format/format-engine.ts";

const RUNTIME = {
  runtimeFraction(key: string) {
    if (key === "min") return { numerator: 300, denominator: 100 };
    if (key === "share") return { numerator: 7, denominator: 1_000_000 };
    return undefined;
  },
};

function statusFilter(op: string | number, defaultValue: number, runtimeKey = "none"): JsonObject {
  return { status_code_filter: { comparison: { op, value: { defaultValue, runtimeKey } } } };
}

function idOf(hex: string): TestStream {
  return { request: [["x-request-id", `${hex}-9dad-41d1-80b4-00c04fd430c8`]] };
}

function sample(numerator: number, denominator: string, rest: JsonObject = {}): JsonObject {
  const percent = { numerator, denominator };
  return { runtime_filter: { runtime_key: "x", percent_sampled: percent, ...rest } };
}

const SERVER_ERROR = statusFilter("GE", 500);
const SLOW = {
  duration_filter: { comparison: { op: "GE", value: { defaultValue: 100, runtimeKey: "k" } } },
};
const HEADER = { header_filter: { header: { name: "X-Log", string_match: { exact: "yes" } } } };
const FLAGS = { response_flag_filter: { flags: ["UF", "NR"] } };
const GRPC = { grpc_status_filter: { statuses: ["UNAVAILABLE", "INTERNAL"] } };
const UNKNOWN = { grpc_status_filter: { statuses: ["UNKNOWN"] } };
const SLOW_STREAM = { startMs: 1_000, responseEndMs: 1_100 };

const CASES: readonly (readonly [string, JsonObject, TestStream, boolean])[] = [
  ["a status that is reached passes", SERVER_ERROR, { status: 500 }, true],
  ["a status below does not", SERVER_ERROR, { status: 499 }, false],
  ["an equal status passes", statusFilter("EQ", 404), { status: 404 }, true],
  ["another status does not", statusFilter("EQ", 404), { status: 405 }, false],
  ["a status at most passes", statusFilter("LE", 299), { status: 299 }, true],
  ["a status above does not", statusFilter("LE", 299), { status: 300 }, false],
  ["a status that differs passes", statusFilter(COMPARE_NOT_EQUAL, 200), { status: 201 }, true],
  [
    "a status that does not differ does not",
    statusFilter(COMPARE_NOT_EQUAL, 200),
    { status: 200 },
    false,
  ],
  ["no answer is status 0", statusFilter("EQ", 0), {}, true],
  ["the runtime may set the number", statusFilter("GE", 500, "min"), { status: 300 }, true],
  ["a share of the runtime is no number", statusFilter("GE", 500, "share"), { status: 7 }, false],
  ["a long stream passes", SLOW, SLOW_STREAM, true],
  ["a short stream does not", SLOW, { ...SLOW_STREAM, responseEndMs: 1_099.9 }, false],
  ["a request of a user is no health check", { not_health_check_filter: {} }, {}, true],
  [
    "a health check does not pass",
    { not_health_check_filter: {} },
    { state: STATE_HEALTH_CHECK },
    false,
  ],
  ["a header that matches passes", HEADER, { request: [["x-log", "yes"]] }, true],
  ["a header that does not match does not", HEADER, { request: [["x-log", "no"]] }, false],
  ["a listed flag passes", FLAGS, { flags: ["NR"] }, true],
  ["another flag does not", FLAGS, { flags: ["UC"] }, false],
  ["any flag passes when none is listed", { response_flag_filter: {} }, { flags: ["DC"] }, true],
  ["no flag does not", { response_flag_filter: {} }, {}, false],
  ["a listed gRPC status passes", GRPC, { trailers: [["grpc-status", "13"]] }, true],
  ["another gRPC status does not", GRPC, { trailers: [["grpc-status", "0"]] }, false],
  ["an HTTP status stands for a gRPC status", GRPC, { status: 503 }, true],
  ["no answer at all is the gRPC status UNKNOWN", UNKNOWN, {}, true],
  ["so is the HTTP status 200", UNKNOWN, { status: 200 }, true],
  [
    "a gRPC status that is no number is not UNKNOWN",
    UNKNOWN,
    { status: 200, response: [["grpc-status", "abc"]] },
    false,
  ],
  [
    "a listed gRPC status may be excluded",
    { grpc_status_filter: { statuses: ["OK"], exclude: true } },
    { response: [["grpc-status", "0"]] },
    false,
  ],
  [
    "all of and must pass",
    { and_filter: { filters: [SERVER_ERROR, SLOW] } },
    { status: 500, ...SLOW_STREAM },
    true,
  ],
  [
    "one of and is not enough",
    { and_filter: { filters: [SERVER_ERROR, SLOW] } },
    SLOW_STREAM,
    false,
  ],
  ["one of or is enough", { or_filter: { filters: [SERVER_ERROR, SLOW] } }, SLOW_STREAM, true],
  ["none of or is not", { or_filter: { filters: [SERVER_ERROR, SLOW] } }, { status: 200 }, false],
  ["a sample takes a request id below its share", sample(6, "HUNDRED"), idOf("00000069"), true],
  ["a sample leaves a request id at its share", sample(5, "HUNDRED"), idOf("00000069"), false],
  ["a sample may count in ten thousands", sample(106, "TEN_THOUSAND"), idOf("00000069"), true],
  ["a sample of everything takes all", sample(100, "HUNDRED"), {}, true],
  ["a sample of nothing takes none", sample(0, "HUNDRED"), idOf("00000000"), false],
  [
    "an independent sample of everything takes all",
    sample(1_000_000, "MILLION", { use_independent_randomness: true }),
    idOf("ffffffff"),
    true,
  ],
];

suite("access log filter", () => {
  let engine: FormatEngine;

  before(async () => {
    engine = await FormatEngine.open();
    engine.exports.clock(0, 0);
  });

  for (const [fact, json, stream, want] of CASES) {
    test(`passesFilter: ${fact}`, () => {
      const image = new TestImage();
      const message = fromJson(AccessLogFilterSchema, json);
      const filter = compileAccessLogFilter(image.writer, message, RUNTIME, FieldPath.root);
      equal(engine.passes(image, filter, stream), want);
    });
  }

  for (const [types, exclude, want] of [
    [[AccessLogType.DownstreamEnd], false, true],
    [[AccessLogType.DownstreamEnd], true, false],
    [[AccessLogType.DownstreamStart], false, false],
    [[], true, true],
  ] as const) {
    test(`passesFilter: types [${types}] ${exclude ? "excluded" : "listed"} is ${want}`, () => {
      const image = new TestImage();
      const value = create(LogTypeFilterSchema, { types: [...types], exclude });
      const filterSpecifier = { case: "logTypeFilter", value } as const;
      const message = create(AccessLogFilterSchema, { filterSpecifier });
      const filter = compileAccessLogFilter(image.writer, message, RUNTIME, FieldPath.root);
      equal(engine.passes(image, filter, {}), want);
    });
  }
});
