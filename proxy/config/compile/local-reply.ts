import * as image from "../../../api/engine/format-image.ts";
import type { SubstitutionFormatString } from "../../../api/gen/envoy/config/core/v3/substitution_format_string_pb.js";
import type {
  LocalReplyConfig,
  ResponseMapper,
} from "../../../api/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import type { FieldPath } from "../field-path.ts";
import { refuseFormat as refuse } from "../format/compile.ts";
import { compileSubstitution, readSource } from "../format/compile-substitution.ts";
import type { FormatSetting } from "../format/format-setting.ts";
import type { ImageWriter } from "../image/image-writer.ts";
import type { FilterSetting } from "./log/access-log-filter.ts";
import { compileAccessLogFilter } from "./log/access-log-filter.ts";
import { compileMutations } from "./route/header-mutation.ts";
import type { FormatCompiler } from "./route/route-setting.ts";

/** Envoy takes no longer bodies from configuration. */
const BODY_BYTES_MAX = 4096;

/** What local reply rules need to know of the rest of the configuration. */
export interface LocalReplySetting extends FormatSetting, FilterSetting, FormatCompiler {}

/**
 * Compiles `local_reply_config` to the record that `HCM_LOCAL_REPLY` refers to.
 *
 * @returns The offset of the record, or 0 when the configuration changes nothing.
 * @throws MeshError `CONFIG_INVALID` with the path of what is wrong or not implemented.
 */
export function compileLocalReply(
  writer: ImageWriter,
  config: LocalReplyConfig,
  context: LocalReplySetting,
  path: FieldPath,
): number {
  const { mappers, bodyFormat } = config;
  if (mappers.length === 0 && bodyFormat === undefined) return 0;
  const record = writer.reserve(image.LOCAL_REPLY_BYTES);
  const list = writer.reserve(mappers.length * image.MAPPER_BYTES);
  for (const [index, mapper] of mappers.entries()) {
    const at = path.field("mappers").item(index);
    compileMapper(writer, list + index * image.MAPPER_BYTES, mapper, context, at);
  }
  writer.setList(record + image.LOCAL_REPLY_MAPPERS, list, mappers.length);
  const at = path.field("body_format");
  compileBody(writer, record + image.LOCAL_REPLY_BODY, bodyFormat, context, at);
  return record;
}

function compileMapper(
  writer: ImageWriter,
  record: number,
  mapper: ResponseMapper,
  context: LocalReplySetting,
  path: FieldPath,
): void {
  if (mapper.filter === undefined) refuse(path.field("filter"), "value is required");
  const filter = compileAccessLogFilter(writer, mapper.filter, context, path.field("filter"));
  writer.setUint32(record + image.MAPPER_FILTER, filter);
  writer.setUint32(record + image.MAPPER_STATUS, mapper.statusCode ?? 0);
  if (mapper.body !== undefined) {
    const at = path.field("body");
    const body = readSource(mapper.body, context, at);
    const bytes = new TextEncoder().encode(body).length;
    if (bytes > BODY_BYTES_MAX) {
      refuse(at, `the body is ${bytes} bytes long, and the maximum is ${BODY_BYTES_MAX}`);
    }
    writer.setText(record + image.MAPPER_TEXT, body);
    writer.setUint32(record + image.MAPPER_HAS_TEXT, 1);
  }
  const addPath = path.field("headers_to_add");
  const added = { add: mapper.headersToAdd, addPath, remove: [], removePath: addPath };
  const mutations = compileMutations(writer, { ...added, direction: "response" }, context);
  writer.setUint32(record + image.MAPPER_MUTATIONS, mutations);
  const at = path.field("body_format_override");
  compileBody(writer, record + image.MAPPER_BODY, mapper.bodyFormatOverride, context, at);
}

function compileBody(
  writer: ImageWriter,
  field: number,
  format: SubstitutionFormatString | undefined,
  context: LocalReplySetting,
  path: FieldPath,
): void {
  if (format === undefined) return;
  const { program, contentType } = compileSubstitution(writer, format, context, path);
  writer.setUint32(field + image.REPLY_BODY_FORMAT, program);
  writer.setText(field + image.REPLY_BODY_TYPE, contentType);
}
