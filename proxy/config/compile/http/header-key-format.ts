import { anyUnpack } from "@bufbuild/protobuf/wkt";
import type { Http1ProtocolOptions } from "../../../../api/gen/envoy/config/core/v3/protocol_pb.js";
import {
  PreserveCaseFormatterConfig_FormatterTypeOnEnvoyHeaders as TypeOnOthers,
  PreserveCaseFormatterConfigSchema,
} from "../../../../api/gen/envoy/extensions/http/header_formatters/preserve_case/v3/preserve_case_pb.js";

/** What `header_key_format` of a codec asks for. */
export interface HeaderKeyFormat {
  /** Names that this codec writes are in Train-Case. */
  readonly isProper: boolean;
  /** Names that this codec reads are written on the other side as they stood. */
  readonly keepsCase: boolean;
  /** Beside these, names that were added here are in Train-Case. */
  readonly isProperBeside: boolean;
  /** Reason phrases are written on the other side as they stood. */
  readonly keepsReason: boolean;
}

/** Reads `header_key_format` of the options of a codec. */
export function toHeaderKeyFormat(options: Http1ProtocolOptions | undefined): HeaderKeyFormat {
  const format = options?.headerKeyFormat?.headerFormat;
  const config = format?.case === "statefulFormatter" ? format.value.typedConfig : undefined;
  const preserve =
    config === undefined ? undefined : anyUnpack(config, PreserveCaseFormatterConfigSchema);
  return {
    isProper: format?.case === "properCaseWords",
    keepsCase: preserve !== undefined,
    isProperBeside: preserve?.formatterTypeOnEnvoyHeaders === TypeOnOthers.PROPER_CASE,
    keepsReason: preserve?.forwardReasonPhrase === true,
  };
}
