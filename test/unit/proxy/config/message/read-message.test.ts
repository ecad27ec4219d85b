import assert from "node:assert/strict";
import type { DescMessage, JsonValue, Message } from "@bufbuild/protobuf";
import { create, equals, fromJson, isMessage, toBinary } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import {
  AnySchema,
  BytesValueSchema,
  DoubleValueSchema,
  DurationSchema,
  FieldMaskSchema,
  FloatValueSchema,
  Int32ValueSchema,
  Int64ValueSchema,
  StringValueSchema,
  StructSchema,
  TimestampSchema,
  UInt32ValueSchema,
  UInt64ValueSchema,
} from "@bufbuild/protobuf/wkt";
import { ClusterSchema } from "../../../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import { SocketAddressSchema } from "../../../../../api/gen/envoy/config/core/v3/address_pb.js";
import {
  HeaderValueSchema,
  MetadataSchema,
} from "../../../../../api/gen/envoy/config/core/v3/base_pb.js";
import { FilterSchema } from "../../../../../api/gen/envoy/config/listener/v3/listener_components_pb.js";
import { RouteMatchSchema } from "../../../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import { FieldPath } from "../../../../../proxy/config/field-path.ts";
import { AnyRegistry, unpackAny } from "../../../../../proxy/config/message/any-registry.ts";
import { MessageReader } from "../../../../../proxy/config/message/read-message.ts";
import { Problems } from "../../../../../proxy/config/problems.ts";

const REGISTRY = new AnyRegistry([SocketAddressSchema, DurationSchema]);

const SOCKET_ADDRESS = `type.googleapis.com/${SocketAddressSchema.typeName}`;

function read(desc: DescMessage, json: JsonValue): { message: Message; problems: string[] } {
  const problems = new Problems();
  const message = new MessageReader(REGISTRY, problems).read(desc, json, FieldPath.root.field("m"));
  return { message, problems: problems.list.map(({ path, reason }) => `${path}: ${reason}`) };
}

/** JSON that the library's own parser and ours must read alike. */
const valid: { desc: DescMessage; json: JsonValue }[] = [
  { desc: Int32ValueSchema, json: -2147483648 },
  { desc: Int32ValueSchema, json: "12" },
  { desc: Int32ValueSchema, json: 1.0 },
  { desc: Int32ValueSchema, json: "1e3" },
  { desc: UInt32ValueSchema, json: 4294967295 },
  { desc: Int64ValueSchema, json: "-9223372036854775808" },
  { desc: UInt64ValueSchema, json: "18446744073709551615" },
  { desc: UInt64ValueSchema, json: 7 },
  { desc: DoubleValueSchema, json: "0.5" },
  { desc: DoubleValueSchema, json: "-Infinity" },
  { desc: FloatValueSchema, json: 3.4028234663852886e38 },
  { desc: StringValueSchema, json: "ü" },
  { desc: BytesValueSchema, json: "AQI=" },
  { desc: BytesValueSchema, json: "-_8" },
  { desc: DurationSchema, json: "0.25s" },
  { desc: DurationSchema, json: "-1.000000001s" },
  { desc: TimestampSchema, json: "2024-02-29T12:00:00.5Z" },
  { desc: FieldMaskSchema, json: "a,bC" },
  { desc: StructSchema, json: { a: [1, "b", null, { c: true }] } },
  { desc: ClusterSchema, json: { name: "a", type: "STRICT_DNS", connectTimeout: "1s" } },
  { desc: ClusterSchema, json: { name: "a", type: 1, connect_timeout: "1s", metadata: null } },
  { desc: ClusterSchema, json: { perConnectionBufferLimitBytes: 0, waitForWarmOnInit: false } },
  { desc: MetadataSchema, json: { filter_metadata: { "envoy.lb": { canary: true }, b: {} } } },
  { desc: HeaderValueSchema, json: { key: "a", raw_value: "AA==" } },
  { desc: RouteMatchSchema, json: { prefix: "/", headers: [{ name: "a", present_match: true }] } },
];

const broken: { name: string; desc: DescMessage; json: JsonValue; want: string[] }[] = [
  {
    name: "an unknown field, by the name that was written",
    desc: ClusterSchema,
    json: { nmae: "a" },
    want: ["m.nmae: unknown field"],
  },
  {
    name: "a field by its name in the .proto file, even where camel case was written",
    desc: ClusterSchema,
    json: { connectTimeout: 5 },
    want: ['m.connect_timeout: expected a duration such as "0.25s"'],
  },
  {
    name: "one field in two spellings",
    desc: ClusterSchema,
    json: { altStatName: "a", alt_stat_name: "b" },
    want: ["m.alt_stat_name: set twice, in two spellings"],
  },
  {
    name: "two members of a oneof",
    desc: RouteMatchSchema,
    json: { prefix: "/", path: "/a" },
    want: ["m.path: cannot be set beside prefix"],
  },
  {
    name: "a number for a string",
    desc: ClusterSchema,
    json: { name: 80 },
    want: ["m.name: expected a string, found the number 80: put it in quotes"],
  },
  {
    name: "a boolean for a string",
    desc: ClusterSchema,
    json: { name: true },
    want: ["m.name: expected a string, found a word for true: put it in quotes"],
  },
  {
    name: "half of a surrogate pair",
    desc: ClusterSchema,
    json: { name: "\ud800" },
    want: ["m.name: not valid Unicode text"],
  },
  {
    name: "text for a boolean",
    desc: ClusterSchema,
    json: { respect_dns_ttl: "true" },
    want: ['m.respect_dns_ttl: expected true or false, found "true"'],
  },
  {
    name: "an integer out of range",
    desc: ClusterSchema,
    json: { per_connection_buffer_limit_bytes: 4294967296 },
    want: ["m.per_connection_buffer_limit_bytes: 4294967296 is not from 0 to 4294967295"],
  },
  {
    name: "a fraction for an integer",
    desc: ClusterSchema,
    json: { per_connection_buffer_limit_bytes: "1.5" },
    want: ['m.per_connection_buffer_limit_bytes: expected an integer, found "1.5"'],
  },
  {
    name: "a number that JavaScript has rounded",
    desc: UInt64ValueSchema,
    json: 2 ** 53,
    want: ["m: expected an integer, found 9007199254740992"],
  },
  {
    name: "a float out of range",
    desc: FloatValueSchema,
    json: 1e39,
    want: ["m: 1e+39 is out of range"],
  },
  { name: "no base64", desc: BytesValueSchema, json: "a+_b", want: ["m: not valid base64"] },
  { name: "cut base64", desc: BytesValueSchema, json: "AAAAA", want: ["m: not valid base64"] },
  {
    name: "a duration without unit",
    desc: ClusterSchema,
    json: { connect_timeout: "5" },
    want: ['m.connect_timeout: expected a duration such as "0.25s": "5"'],
  },
  {
    name: "an enum value that does not exist, with those that do",
    desc: ClusterSchema,
    json: { dns_lookup_family: "V5_ONLY" },
    want: [
      "m.dns_lookup_family: expected one of AUTO, V4_ONLY, V6_ONLY, V4_PREFERRED, ALL, " +
        'found "V5_ONLY"',
    ],
  },
  {
    name: "a list for a message",
    desc: ClusterSchema,
    json: { load_assignment: [] },
    want: ["m.load_assignment: expected a map of fields, found a list"],
  },
  {
    name: "a message for a list",
    desc: RouteMatchSchema,
    json: { prefix: "/", headers: { name: "a" } },
    want: ["m.headers: expected a list, found a map"],
  },
  {
    name: "null in a list",
    desc: RouteMatchSchema,
    json: { prefix: "/", headers: [{ name: "a" }, null] },
    want: ["m.headers[1]: expected a map of fields, found null"],
  },
  {
    name: "a fault under a key of a map",
    desc: MetadataSchema,
    json: { filter_metadata: { "a.b": 1 } },
    want: ['m.filter_metadata["a.b"]: expected a map'],
  },
  {
    name: "several faults at once",
    desc: ClusterSchema,
    json: { name: 1, foo: 2, type: "NONE", lb_policy: "RANDOM" },
    want: [
      "m.name: expected a string, found the number 1: put it in quotes",
      "m.foo: unknown field",
      "m.type: expected one of STATIC, STRICT_DNS, LOGICAL_DNS, EDS, ORIGINAL_DST, " +
        'found "NONE"',
    ],
  },
  {
    name: "an Any without a type",
    desc: AnySchema,
    json: { address: "a" },
    want: ['m: "@type" is missing: it names the type of this message'],
  },
  {
    name: "an unknown field in an Any",
    desc: FilterSchema,
    json: { name: "f", typed_config: { "@type": SOCKET_ADDRESS, adress: "a" } },
    want: ["m.typed_config.adress: unknown field"],
  },
  {
    name: "a field beside the value of an Any that has a JSON form of its own",
    desc: AnySchema,
    json: { "@type": "type.googleapis.com/google.protobuf.Duration", value: "1s", x: 1 },
    want: ["m.x: unknown field"],
  },
  {
    name: "an unknown field in a TypedStruct",
    desc: AnySchema,
    json: {
      "@type": "type.googleapis.com/xds.type.v3.TypedStruct",
      type_url: SOCKET_ADDRESS,
      value: { adress: "a" },
    },
    want: ["m.value.adress: unknown field"],
  },
  {
    name: "a TypedStruct without a type",
    desc: AnySchema,
    json: { "@type": "type.googleapis.com/udpa.type.v1.TypedStruct", value: {} },
    want: ["m.type_url: value is required"],
  },
];

function readAny(json: JsonValue): Any {
  const { message, problems } = read(AnySchema, json);
  assert.deepEqual(problems, []);
  assert.ok(isMessage(message, AnySchema));
  return message;
}

describe("message reader", () => {
  for (const { desc, json } of valid) {
    it(`read: ${JSON.stringify(json)} as ${desc.name} is what the library reads`, () => {
      const { message, problems } = read(desc, json);
      assert.deepEqual(problems, []);
      assert.ok(equals(desc, message, fromJson(desc, json)));
    });
  }

  for (const { name, desc, json, want } of broken) {
    it(`read: ${name} is told`, () => {
      assert.deepEqual(read(desc, json).problems, want);
    });
  }

  it("read: what can be read is read beside what cannot", () => {
    const { message } = read(ClusterSchema, { name: "a", type: "NONE" });
    assert.ok(isMessage(message, ClusterSchema));
    assert.equal(message.name, "a");
    assert.equal(message.clusterDiscoveryType.case, undefined);
  });

  it("read: an Any keeps the message of a registered type", () => {
    const any = readAny({ "@type": SOCKET_ADDRESS, address: "::1", port_value: 80 });
    assert.equal(any.typeUrl, SOCKET_ADDRESS);
    assert.equal(unpackAny(any, SocketAddressSchema)?.address, "::1");
    const want = create(SocketAddressSchema, {
      address: "::1",
      portSpecifier: { case: "portValue", value: 80 },
    });
    assert.deepEqual(any.value, toBinary(SocketAddressSchema, want));
  });

  it("read: a TypedStruct becomes the message that it stands for", () => {
    for (const type of ["xds.type.v3.TypedStruct", "udpa.type.v1.TypedStruct"]) {
      const any = readAny({
        "@type": `type.googleapis.com/${type}`,
        type_url: SOCKET_ADDRESS,
        value: { address: "::1" },
      });
      assert.equal(any.typeUrl, SOCKET_ADDRESS);
      assert.equal(unpackAny(any, SocketAddressSchema)?.address, "::1");
    }
  });

  it("read: an Any of a type that is not registered keeps its URL alone", () => {
    const any = readAny({ "@type": "type.googleapis.com/a.Unheard", anything: [1] });
    assert.deepEqual(
      { typeUrl: any.typeUrl, bytes: any.value.length },
      {
        typeUrl: "type.googleapis.com/a.Unheard",
        bytes: 0,
      },
    );
  });

  it("unpackAny: an Any from the wire is decoded once", () => {
    const message = create(SocketAddressSchema, { address: "::1" });
    const value = toBinary(SocketAddressSchema, message);
    const any = create(AnySchema, { typeUrl: SOCKET_ADDRESS, value });
    const unpacked = unpackAny(any, SocketAddressSchema);
    assert.equal(unpacked?.address, "::1");
    assert.equal(unpackAny(any, SocketAddressSchema), unpacked);
  });

  it("unpackAny: another type, or bytes that are no message, give null", () => {
    const any = create(AnySchema, { typeUrl: SOCKET_ADDRESS, value: Uint8Array.of(0x12, 0x7f) });
    assert.equal(unpackAny(any, SocketAddressSchema), null);
    assert.equal(unpackAny(any, ClusterSchema), null);
  });
});
