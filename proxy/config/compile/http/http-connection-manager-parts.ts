import { TEXT_BYTES } from "../../../../api/engine/match-image.ts";
import type { HttpConnectionManager } from "../../../../api/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import type { FieldPath } from "../../field-path.ts";
import type { FormatSetting } from "../../format/format-setting.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import { compileAccessLogs, type RecordList } from "../log/access-log.ts";
import type { FilterSetting } from "../log/access-log-filter.ts";
import type { ImageCollector } from "../compile-setting.ts";
import { compileLocalReply } from "../local-reply.ts";
import { writeStringMatcher } from "../route/match/text-match.ts";
import type { RouteSetting } from "../route/route-setting.ts";

/** Compiles the access logs of a connection manager. */
export function compileLogs(
  writer: ImageWriter,
  manager: HttpConnectionManager,
  format: FormatSetting & FilterSetting,
  collector: ImageCollector,
  path: FieldPath,
): RecordList {
  const setting = { ...format, sinkIndex: collector.sinkIndex.bind(collector) };
  return compileAccessLogs(writer, manager.accessLog, setting, path.field("access_log"));
}

/** Compiles `local_reply_config`, and returns the offset of its record or 0. */
export function compileReplies(
  writer: ImageWriter,
  manager: HttpConnectionManager,
  format: FormatSetting & FilterSetting,
  routes: RouteSetting,
  path: FieldPath,
): number {
  const { localReplyConfig } = manager;
  if (localReplyConfig === undefined) return 0;
  const setting = { ...format, compileFormat: routes.compileFormat.bind(routes) };
  return compileLocalReply(writer, localReplyConfig, setting, path.field("local_reply_config"));
}

/** Compiles `ignore_http_11_upgrade` to text matchers, one behind the other. */
export function compileIgnoredUpgrades(
  writer: ImageWriter,
  manager: HttpConnectionManager,
  path: FieldPath,
): RecordList {
  const matchers = manager.httpProtocolOptions?.ignoreHttp11Upgrade ?? [];
  const at = path.field("http_protocol_options").field("ignore_http_11_upgrade");
  const offset = writer.reserve(matchers.length * TEXT_BYTES);
  for (const [index, matcher] of matchers.entries()) {
    writeStringMatcher(writer, offset + index * TEXT_BYTES, matcher, at.item(index));
  }
  return { offset, count: matchers.length };
}
