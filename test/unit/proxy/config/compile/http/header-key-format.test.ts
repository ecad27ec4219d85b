import assert from "node:assert/strict";
import { createRegistry, fromJson, type JsonObject } from "@bufbuild/protobuf";
import { Http1ProtocolOptionsSchema } from "../../../../../../api/gen/envoy/config/core/v3/protocol_pb.js";
import { PreserveCaseFormatterConfigSchema } from "../../../../../../api/gen/envoy/extensions/http/header_formatters/preserve_case/v3/preserve_case_pb.js";
import {
  type HeaderKeyFormat,
  toHeaderKeyFormat,
} from "../../../../../../proxy/config/compile/http/header-key-format.ts";

const registry = createRegistry(PreserveCaseFormatterConfigSchema);

const NOTHING: HeaderKeyFormat = {
  isProper: false,
  keepsCase: false,
  isProperBeside: false,
  keepsReason: false,
};

function preserve(config: JsonObject): JsonObject {
  const type = `type.googleapis.com/${PreserveCaseFormatterConfigSchema.typeName}`;
  return { stateful_formatter: { name: "any", typed_config: { "@type": type, ...config } } };
}

const rows: readonly { format: JsonObject; want: Partial<HeaderKeyFormat> }[] = [
  { format: {}, want: {} },
  { format: { proper_case_words: {} }, want: { isProper: true } },
  { format: preserve({}), want: { keepsCase: true } },
  {
    format: preserve({ formatter_type_on_envoy_headers: "DEFAULT" }),
    want: { keepsCase: true },
  },
  {
    format: preserve({ formatter_type_on_envoy_headers: "PROPER_CASE" }),
    want: { keepsCase: true, isProperBeside: true },
  },
  {
    format: preserve({ forward_reason_phrase: true }),
    want: { keepsCase: true, keepsReason: true },
  },
];

describe("header-key-format", () => {
  for (const { format, want } of rows) {
    it(`toHeaderKeyFormat: ${JSON.stringify(format)}`, () => {
      const json = { header_key_format: format };
      const options = fromJson(Http1ProtocolOptionsSchema, json, { registry });
      assert.deepEqual(toHeaderKeyFormat(options), { ...NOTHING, ...want });
    });
  }

  it("toHeaderKeyFormat: without options nothing is asked for", () => {
    assert.deepEqual(toHeaderKeyFormat(undefined), NOTHING);
  });
});
