import * as image from "../../../../api/engine/image.ts";
import type { AccessLog } from "../../../../api/gen/envoy/config/accesslog/v3/accesslog_pb.js";
import type { FieldPath } from "../../field-path.ts";
import { AskedFacts } from "../../format/asked-facts.ts";
import { ImageWriter } from "../../image/image-writer.ts";
import type { AdminLogModel } from "../../model.ts";
import { compileAccessLogs } from "./access-log.ts";
import { type CompileSetting, ImageCollector } from "../compile-setting.ts";

/** Greater than any head that node lets through. */
const HEAD_BYTES_MAX = 65_536;
/** The same for the number of its headers. */
const HEADER_COUNT_MAX = 10_000;

/**
 * Compiles the access logs of the admin interface to an image of their own: that of a connection
 * manager which has them, and no routes.
 *
 * @returns Null when there is no log.
 * @throws MeshError `CONFIG_INVALID` with the path of what is wrong or not implemented.
 */
export function compileAdminLog(
  logs: readonly AccessLog[],
  setting: CompileSetting,
  path: FieldPath,
): AdminLogModel | null {
  if (logs.length === 0) return null;
  const writer = new ImageWriter();
  const collector = new ImageCollector([]);
  const header = writer.reserve(image.IMAGE_HEADER_BYTES);
  writer.setUint32(header + image.IMAGE_MAGIC, image.IMAGE_MAGIC_VALUE);
  writer.setUint32(header + image.IMAGE_VERSION, image.IMAGE_VERSION_VALUE);
  writer.setText(header + image.IMAGE_LOCAL_ADDRESS, setting.localAddress);
  const context = {
    ...setting,
    listenerName: "",
    filterChainName: "",
    askedFacts: new AskedFacts(),
    sinkIndex: collector.sinkIndex.bind(collector),
  };
  const { offset, count } = compileAccessLogs(writer, logs, context, path);
  const record = writer.reserve(image.HCM_BYTES);
  // As the connection manager of Envoy's admin interface has it.
  const flags = image.HCM_USE_REMOTE_ADDRESS | image.HCM_ACCEPT_HTTP_10 | image.HCM_CUSTOM_METHODS;
  writer.setUint32(record + image.HCM_FLAGS, flags);
  writer.setUint32(record + image.HCM_HEAD_BYTES_MAX, HEAD_BYTES_MAX);
  writer.setUint32(record + image.HCM_HEADER_COUNT_MAX, HEADER_COUNT_MAX);
  writer.setList(record + image.HCM_ACCESS_LOGS, offset, count);
  writer.setUint32(header + image.IMAGE_TOTAL_BYTES, writer.length);
  return { image: writer.finish(), record, sinks: collector.logSinks };
}
