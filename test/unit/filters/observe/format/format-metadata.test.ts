import { equal } from "node:assert/strict";
import { create, type JsonObject } from "@bufbuild/protobuf";
import { before, suite, test } from "mocha";
import { CLUSTER_METADATA } from "../../../../../api/engine/image.ts";
import { ROUTE_METADATA, VHOST_METADATA } from "../../../../../api/engine/route-image.ts";
import { MetadataSchema } from "../../../../../api/gen/envoy/config/core/v3/base_pb.js";
import { writeMetadataValues } from "../../../../../proxy/config/compile/metadata-values.ts";
import { FieldPath } from "../../../../../proxy/config/field-path.ts";
import { compileFormat } from "../../../../../proxy/config/format/compile.ts";
import { compileJsonFormat } from "../../../../../proxy/config/format/compile-json.ts";
import { MACHINE } from "../../../proxy/config/format/machine.ts";
import { FormatEngine, TestImage } from "./format-engine.ts";

const METADATA: Record<string, JsonObject> = {
  "a.b": {
    s: 't"ext',
    n: 1234,
    f: -0.25,
    big: 1e21,
    tiny: 1e-7,
    t: true,
    z: null,
    o: { j: { k: [1, "x", null] }, i: "in" },
    e: "",
    "co:lon": 1,
    uni: "ä",
  },
  c: {},
  d: { z: 1, B: 2, é: 3 },
};

/** Parameters after the type, then what Envoy 1.40 writes in text and alone in JSON. */
const rows: readonly (readonly [parameters: string, text: string, json: string])[] = [
  ["(ROUTE:a.b:s)", 't"ext', '"t\\"ext"'],
  ["(ROUTE:a.b:n)", "1234", "1234"],
  ["(ROUTE:a.b:f)", "-0.25", "-0.25"],
  ["(ROUTE:a.b:big)", "1e+21", "1e+21"],
  ["(ROUTE:a.b:tiny)", "1e-07", "1e-07"],
  ["(ROUTE:a.b:t)", "true", "true"],
  ["(ROUTE:a.b:z)", "-", "null"],
  ["(ROUTE:a.b:o)", '{"i":"in","j":{"k":[1,"x",null]}}', '{"i":"in","j":{"k":[1,"x",null]}}'],
  ["(ROUTE:a.b:o:i)", "in", '"in"'],
  ["(ROUTE:a.b:o:j)", '{"k":[1,"x",null]}', '{"k":[1,"x",null]}'],
  ["(ROUTE:a.b:o:j:k)", '[1,"x",null]', '[1,"x",null]'],
  ["(ROUTE:a.b:e)", "", '""'],
  ["(ROUTE:c)", "{}", "{}"],
  ["(ROUTE:d)", '{"B":2,"z":1,"\xc3\xa9":3}', '{"B":2,"z":1,"\xc3\xa9":3}'],
  ["(ROUTE:a.b:none)", "-", "null"],
  ["(ROUTE:a.b:s:x)", "-", "null"],
  ["(ROUTE:a.b:)", "-", "null"],
  ["(ROUTE:a.b:co:lon)", "-", "null"],
  ["(ROUTE:none)", "-", "null"],
  ["(ROUTE)", "-", "null"],
  ["(ROUTE:a.b:s):3", 't"e', '"t\\"e"'],
  ["(ROUTE:a.b:s):0", "", '""'],
  ["(ROUTE:a.b:n):1", "1", "1234"],
  ["(ROUTE:a.b:o):4", '{"i"', '{"i":"in","j":{"k":[1,"x",null]}}'],
  ["(ROUTE:a.b:uni):1", "\xc3", '"\\u00c3"'],
];

suite("metadata in formats", () => {
  let engine: FormatEngine;

  before(async () => {
    engine = await FormatEngine.open();
  });

  for (const [parameters, text, json] of rows) {
    const command = `%METADATA${parameters}%`;
    test(`runFormat: ${command} is ${text} in text and ${json} in JSON`, () => {
      const image = withMetadata();
      const line = compileFormat(image.writer, command, MACHINE, FieldPath.root);
      const omits = { omitsEmpty: false };
      const object = { a: command, b: `<${command}>` };
      const whole = compileJsonFormat(image.writer, object, MACHINE, FieldPath.root, omits);
      equal(engine.run(image, line, { isRouted: true }), text);
      const part = text === "\xc3" ? "\\u00c3" : JSON.stringify(text).slice(1, -1);
      equal(engine.run(image, whole, { isRouted: true }), `{"a":${json},"b":"<${part}>"}\n`);
    });
  }

  test("runFormat: virtual hosts and clusters have metadata of their own", () => {
    const image = withMetadata();
    const object = {
      a: "%METADATA(VIRTUAL_HOST:c:of)%",
      b: "%METADATA(VIRTUAL_HOST:c:of):2%",
      c: "%METADATA(CLUSTER:c:of)%",
      d: "%CLUSTER_METADATA(c:of)%",
      e: "<%CLUSTER_METADATA(c)%>",
      f: "%CLUSTER_METADATA(d)%",
    };
    const omits = { omitsEmpty: false };
    const whole = compileJsonFormat(image.writer, object, MACHINE, FieldPath.root, omits);
    const want = '{"a":"host","b":"ho","c":5,"d":5,"e":"<{\\"of\\":5}>","f":null}\n';
    equal(engine.run(image, whole, { isRouted: true }), want);
  });

  test("runFormat: without a route there is no metadata", () => {
    const image = withMetadata();
    const text = "%METADATA(ROUTE:c)% %METADATA(VIRTUAL_HOST:c)% %CLUSTER_METADATA(c)%";
    const line = compileFormat(image.writer, text, MACHINE, FieldPath.root);
    equal(engine.run(image, line, {}), "- - -");
  });
});

function withMetadata(): TestImage {
  const image = new TestImage();
  const metadata = create(MetadataSchema, { filterMetadata: METADATA });
  writeMetadataValues(image.writer, image.route + ROUTE_METADATA, metadata);
  const ofHost = create(MetadataSchema, { filterMetadata: { c: { of: "host" } } });
  writeMetadataValues(image.writer, image.virtualHost + VHOST_METADATA, ofHost);
  const ofCluster = create(MetadataSchema, { filterMetadata: { c: { of: 5 } } });
  writeMetadataValues(image.writer, image.cluster + CLUSTER_METADATA, ofCluster);
  return image;
}
