import type { HttpConnectionManager } from "../../../api/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import type { FieldPath } from "../field-path.ts";
import type { FormatContext } from "../format/format-context.ts";
import type { ImageWriter } from "../image/image-writer.ts";
import type { ImageCollector } from "./compile-context.ts";
import { type RouteContext, refuse } from "./route/route-context.ts";

/** Compiles the access logs of a connection manager. */
export function compileAccessLogs(
  _writer: ImageWriter,
  manager: HttpConnectionManager,
  _format: FormatContext,
  _collector: ImageCollector,
  _routes: RouteContext,
  path: FieldPath,
): { readonly offset: number; readonly count: number } {
  if (manager.accessLog.length > 0) refuse(path.field("access_log"), "not implemented");
  return { offset: 0, count: 0 };
}

/** Compiles `local_reply_config`, and returns the offset of its record or 0. */
export function compileReplies(
  _writer: ImageWriter,
  manager: HttpConnectionManager,
  _format: FormatContext,
  _routes: RouteContext,
  path: FieldPath,
): number {
  if (manager.localReplyConfig !== undefined) {
    refuse(path.field("local_reply_config"), "not implemented");
  }
  return 0;
}
