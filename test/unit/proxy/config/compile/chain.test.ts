import assert from "node:assert/strict";
import { createRegistry, fromJson, type JsonObject } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import * as image from "../../../../../api/engine/chain-image.ts";
import { MUTATIONS_ADD, MUTATIONS_REMOVE } from "../../../../../api/engine/match-image.ts";
import { FilterConfigSchema } from "../../../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import {
  HeaderMutationPerRouteSchema,
  HeaderMutationSchema,
} from "../../../../../api/gen/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb.js";
import { RouterSchema } from "../../../../../api/gen/envoy/extensions/filters/http/router/v3/router_pb.js";
import {
  HttpFilterSchema,
  type HttpFilter,
} from "../../../../../api/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { compileChain, compileRouteSettings } from "../../../../../proxy/config/compile/chain.ts";
import { ImageReader } from "../../../../../proxy/config/compile/route/describe/image-reader.ts";
import { FieldPath } from "../../../../../proxy/config/field-path.ts";
import { AskedFacts } from "../../../../../proxy/config/format/asked-facts.ts";
import { ImageWriter } from "../../../../../proxy/config/image/image-writer.ts";

const registry = createRegistry(
  HeaderMutationSchema,
  HeaderMutationPerRouteSchema,
  FilterConfigSchema,
  RouterSchema,
);
const FORMAT = {
  hostname: "",
  listenerName: "",
  filterChainName: "",
  environment: () => undefined,
  fileContent: () => new Uint8Array(),
  askedFacts: new AskedFacts(),
};
const FORMATS = { compileFormat: () => 0, format: FORMAT, node: undefined };
const PATH = FieldPath.root.field("http_filters");
const MUTATION = "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation";
const ROUTER = "envoy.extensions.filters.http.router.v3.Router";

function typed(type: string, config: JsonObject = {}): JsonObject {
  return { "@type": `type.googleapis.com/${type}`, ...config };
}

function filter(name: string, config: JsonObject, facts: JsonObject = {}): HttpFilter {
  return fromJson(HttpFilterSchema, { name, typed_config: config, ...facts }, { registry });
}

const ADD = { append: { header: { key: "x-a", value: "1" } } };
const REMOVE = { remove: "x-b" };

/** Starts an image, since offset 0 is no record. */
function newWriter(): ImageWriter {
  const writer = new ImageWriter();
  writer.reserve(64);
  return writer;
}

function finish(writer: ImageWriter): ImageReader {
  return new ImageReader(new DataView(writer.finish().buffer));
}

/** Additions and removals of each step of a list. */
function readSteps(reader: ImageReader, field: number): number[][] {
  const { target, count } = reader.list(field);
  return Array.from({ length: count }, (_, index) => {
    const step = reader.uint32(target + index * 4);
    return [MUTATIONS_ADD, MUTATIONS_REMOVE].map((each) => reader.list(step + each).count);
  });
}

describe("compile chain", () => {
  it("compileChain: the router has no record", () => {
    const chain = compileChain(newWriter(), [filter("r", typed(ROUTER))], FORMATS, PATH);
    assert.equal(chain.count, 0);
  });

  it("compileChain: each step of header_mutation is by itself, in order", () => {
    const writer = newWriter();
    const mutations = { request_mutations: [ADD, REMOVE], response_mutations: [REMOVE] };
    const filters = [filter("m", typed(MUTATION, { mutations })), filter("r", typed(ROUTER))];
    const { offset, count } = compileChain(writer, filters, FORMATS, PATH);
    const reader = finish(writer);
    assert.equal(count, 1);
    assert.equal(reader.uint32(offset + image.CHAIN_KIND), image.FILTER_HEADER_MUTATION);
    assert.equal(reader.uint32(offset + image.CHAIN_DISABLED), 0);
    const config = reader.uint32(offset + image.CHAIN_CONFIG);
    assert.deepEqual(readSteps(reader, config + image.HEADER_MUTATION_REQUEST), [
      [1, 0],
      [0, 1],
    ]);
    assert.deepEqual(readSteps(reader, config + image.HEADER_MUTATION_RESPONSE), [[0, 1]]);
    assert.equal(reader.uint32(config + image.HEADER_MUTATION_SPECIFIC_WINS), 0);
  });

  it("compileChain: disabled and most_specific_header_mutations_wins are kept", () => {
    const writer = newWriter();
    const config = typed(MUTATION, { most_specific_header_mutations_wins: true });
    const filters = [filter("m", config, { disabled: true })];
    const { offset } = compileChain(writer, filters, FORMATS, PATH);
    const reader = finish(writer);
    assert.equal(reader.uint32(offset + image.CHAIN_DISABLED), 1);
    const record = reader.uint32(offset + image.CHAIN_CONFIG);
    assert.equal(reader.uint32(record + image.HEADER_MUTATION_SPECIFIC_WINS), 1);
  });

  it("compileChain: another filter is refused with its path", () => {
    const type = "envoy.config.route.v3.FilterConfig";
    assert.throws(() => compileChain(newWriter(), [filter("x", typed(type))], FORMATS, PATH), {
      code: "CONFIG_INVALID",
      message: `http_filters[0].typed_config: "type.googleapis.com/${type}" is not implemented`,
    });
  });

  const filters = [filter("a", typed(MUTATION)), filter("b", typed(MUTATION))];
  const PER_ROUTE = `${MUTATION}PerRoute`;
  const OUTER = "envoy.config.route.v3.FilterConfig";
  const settings: readonly { name: string; of: string; config: JsonObject; want: unknown }[] = [
    { name: "a filter that is not there", of: "c", config: typed(PER_ROUTE), want: null },
    {
      name: "a filter that is turned off",
      of: "b",
      config: typed(OUTER, { disabled: true }),
      want: { kind: 2, offset: 0, isDisabled: true },
    },
    {
      name: "a filter that is turned on",
      of: "a",
      config: typed(OUTER),
      want: { kind: 1, offset: 0, isDisabled: false },
    },
  ];
  for (const { name, of, config, want } of settings) {
    it(`compileRouteSettings: ${name}`, () => {
      const any = fromJson(AnySchema, config, { registry });
      const setting = { name: of, config: any, path: PATH };
      assert.deepEqual(compileRouteSettings(newWriter(), filters, setting, FORMATS), want);
    });
  }

  it("compileRouteSettings: settings are a record, also inside FilterConfig", () => {
    const inner = typed(PER_ROUTE, { mutations: { request_mutations: [ADD] } });
    for (const config of [inner, typed(OUTER, { config: inner })]) {
      const writer = newWriter();
      const any = fromJson(AnySchema, config, { registry });
      const setting = { name: "b", config: any, path: PATH };
      const record = compileRouteSettings(writer, filters, setting, FORMATS);
      assert.deepEqual([record?.kind, record?.isDisabled], [2, false]);
      const field = (record?.offset ?? 0) + image.HEADER_MUTATION_REQUEST;
      assert.deepEqual(readSteps(finish(writer), field), [[1, 0]]);
    }
  });

  it("compileRouteSettings: settings of another filter are refused", () => {
    const config = fromJson(AnySchema, typed(ROUTER), { registry });
    assert.throws(
      () => compileRouteSettings(newWriter(), filters, { name: "a", config, path: PATH }, FORMATS),
      { message: `http_filters: type.googleapis.com/${ROUTER} does not fit the filter a` },
    );
  });
});
