import type { JsonObject } from "@bufbuild/protobuf";
import { STATE_REQUEST_END, STATE_RESPONSE_END } from "../../../../../api/engine/layout.ts";
import { FieldPath } from "../../../../../proxy/config/field-path.ts";
import { compileFormat } from "../../../../../proxy/config/format/compile.ts";
import { compileJsonFormat } from "../../../../../proxy/config/format/compile-json.ts";
import { MACHINE } from "../../../proxy/config/format/machine.ts";
import { type FormatEngine, TestImage, type TestStream } from "./format-engine.ts";

/** A plain stream that went upstream and back. Times are those of 2009-02-13T23:31:30.123Z. */
export const STREAM: TestStream = {
  request: [
    [":method", "GET"],
    [":path", "/items/7?size=2&name=a%20b&flag"],
    [":authority", "shop.example"],
    [":scheme", "http"],
    ["user-agent", "test-agent"],
    ["x-request-id", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
    ["x-two", "first"],
    ["x-two", "second"],
    ["x-empty", ""],
  ],
  response: [
    [":status", "200"],
    ["content-type", "text/html"],
    ["x-envoy-upstream-service-time", "7"],
  ],
  status: 200,
  state: STATE_REQUEST_END | STATE_RESPONSE_END,
  version: 11,
  details: "via_upstream",
  requestHeadBytes: 240,
  requestFieldBytes: 210,
  responseHeadBytes: 120,
  upstreamHeadSent: 310,
  upstreamHeadReceived: 90,
  bytesReceived: 11,
  bytesSent: 22,
  downstreamWireReceived: 221,
  downstreamWireSent: 142,
  upstreamWireReceived: 112,
  upstreamWireSent: 321,
  startMs: 1_000,
  requestEndMs: 1_001.5,
  upstreamStartMs: 1_002,
  upstreamSentMs: 1_002.25,
  upstreamFirstMs: 1_009,
  upstreamLastMs: 1_011,
  responseStartMs: 1_009.5,
  responseEndMs: 1_012.75,
  attemptCount: 1,
  isRouted: true,
  upstreamHost: "10.1.2.3:8080",
  upstreamLocal: "10.1.2.1:40000",
  remoteIp: "192.0.2.7",
  remote: "192.0.2.7:51000",
  local: "192.0.2.1:80",
  isPeer: true,
  connectionId: 42,
  upstreamId: 17,
};

/** Monotonic clock of the tests, and what makes 2009-02-13T23:31:30.123Z of 1,000, in ms. */
export const NOW_MS = 1_020;
export const WALL_OFFSET_MS = 1_234_567_890_123 - 1_000;

/** Compiles and runs a JSON format. */
export function formatJson(
  engine: FormatEngine,
  value: JsonObject,
  stream: TestStream = STREAM,
  omitsEmpty = false,
): string {
  const image = new TestImage();
  const program = compileJsonFormat(image.writer, value, MACHINE, FieldPath.root, { omitsEmpty });
  return engine.run(image, program, stream);
}

/** Compiles and runs a format string. */
export function format(engine: FormatEngine, text: string, stream: TestStream = STREAM): string {
  const image = new TestImage();
  const program = compileFormat(image.writer, text, MACHINE, FieldPath.root);
  return engine.run(image, program, stream);
}
