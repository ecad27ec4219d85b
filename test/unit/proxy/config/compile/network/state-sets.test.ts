import assert from "node:assert/strict";
import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import { FORMAT_OPERATIONS, OPERATION_TEXT } from "../../../../../../api/engine/format-image.ts";
import * as state from "../../../../../../api/engine/state-image.ts";
import { NodeSchema } from "../../../../../../api/gen/envoy/config/core/v3/base_pb.js";
import { EchoSchema } from "../../../../../../api/gen/envoy/extensions/filters/network/echo/v3/echo_pb.js";
import { ConfigSchema as NetworkStateSchema } from "../../../../../../api/gen/envoy/extensions/filters/network/set_filter_state/v3/set_filter_state_pb.js";
import { ConfigSchema as OwnPeerSchema } from "../../../../../../api/gen/envoy/extensions/network_filters/peer_metadata/config_pb.js";
import { MetadataExchangeSchema } from "../../../../../../api/gen/envoy/tcp/metadataexchange/config/metadata_exchange_pb.js";
import {
  setsStateOnly,
  writeStateOf,
} from "../../../../../../proxy/config/compile/network/state-sets.ts";
import { ImageReader } from "../../../../../../proxy/config/compile/route/describe/image-reader.ts";
import { FieldPath } from "../../../../../../proxy/config/field-path.ts";
import { ImageWriter } from "../../../../../../proxy/config/image/image-writer.ts";
import { MACHINE } from "../../format/machine.ts";

const NODE = create(NodeSchema, { metadata: { NAME: "50%" } });

function pack<Desc extends DescMessage>(desc: Desc, fields: MessageInitShape<Desc>): Any {
  return anyPack(desc, create(desc, fields));
}

/** Key, text and flags of the one value that a filter sets, or null. */
function writtenOf(config: Any): readonly unknown[] | null {
  const writer = new ImageWriter();
  writer.reserve(64);
  const path = FieldPath.root.field("typed_config");
  const record = writeStateOf(config, { writer, format: MACHINE, node: NODE }, path);
  if (record === 0) return null;
  const reader = new ImageReader(new DataView(writer.finish().buffer));
  const { target, count } = reader.list(record + state.STATE_SETS);
  assert.equal(count, 1);
  const program = reader.uint32(target + state.STATE_SET_PROGRAM);
  const operations = reader.list(program + FORMAT_OPERATIONS);
  return [
    reader.text(target + state.STATE_SET_KEY),
    reader.text(operations.target + OPERATION_TEXT),
    reader.uint32(target + state.STATE_SET_FLAGS),
  ];
}

/** Filters, what they set, and whether that is all. */
const rows: readonly (readonly [string, Any, readonly unknown[] | null, boolean])[] = [
  [
    "metadata_exchange says that nobody is known",
    pack(MetadataExchangeSchema, { protocol: "istio-peer-exchange" }),
    ["peer_not_found", "true", state.STATE_IS_JSON],
    false,
  ],
  [
    "peer_metadata says who this is, percent signs and all",
    pack(OwnPeerSchema, { baggageKey: "io.istio.baggage" }),
    ["io.istio.baggage", "k8s.instance.name=50%", 0],
    true,
  ],
  ["peer_metadata without a key sets nothing", pack(OwnPeerSchema, {}), null, true],
  [
    "set_filter_state sets what it says",
    pack(NetworkStateSchema, {
      onNewConnection: [
        {
          key: { case: "objectKey", value: "a" },
          factoryKey: "envoy.string",
          value: {
            case: "formatString",
            value: {
              format: {
                case: "textFormatSource",
                value: { specifier: { case: "inlineString", value: "b" } },
              },
            },
          },
        },
      ],
    }),
    ["a", "b", 0],
    true,
  ],
  ["others set nothing", pack(EchoSchema, {}), null, false],
];

describe("state sets", () => {
  for (const [name, config, want, isAll] of rows) {
    it(`writeStateOf: ${name}`, () => {
      assert.deepEqual(writtenOf(config), want);
      assert.equal(setsStateOnly(config), isAll);
    });
  }
});
