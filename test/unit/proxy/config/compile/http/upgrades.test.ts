import assert from "node:assert/strict";
import {
  IMAGE_HEADER_BYTES,
  UPGRADE_BYTES,
  UPGRADE_CONNECT,
  UPGRADE_IS_ENABLED,
  UPGRADE_TYPE,
} from "../../../../../../api/engine/image.ts";
import { ProxyProtocolConfig_Version as Version } from "../../../../../../api/gen/envoy/config/core/v3/proxy_protocol_pb.js";
import { writeUpgrades } from "../../../../../../proxy/config/compile/http/upgrades.ts";
import { FieldPath } from "../../../../../../proxy/config/field-path.ts";
import { ImageWriter } from "../../../../../../proxy/config/image/image-writer.ts";

const PATH = FieldPath.root.field("upgrade_configs");

type Configs = Parameters<typeof writeUpgrades>[1];

/** The records of a list: type, whether it is enabled, `UPGRADE_CONNECT_*`. */
function compile(configs: Configs): (readonly [type: string, enabled: number, ends: number])[] {
  const writer = new ImageWriter();
  writer.reserve(IMAGE_HEADER_BYTES);
  const { offset, count } = writeUpgrades(writer, configs, PATH);
  const bytes = writer.finish();
  const view = new DataView(bytes.buffer);
  return Array.from({ length: count }, (_, index) => {
    const record = offset + index * UPGRADE_BYTES;
    const text = view.getUint32(record + UPGRADE_TYPE, true);
    const length = view.getUint32(record + UPGRADE_TYPE + 4, true);
    return [
      Buffer.from(bytes.subarray(text, text + length)).toString(),
      view.getUint32(record + UPGRADE_IS_ENABLED, true),
      view.getUint32(record + UPGRADE_CONNECT, true),
    ];
  });
}

function connect(fields: Partial<NonNullable<Configs[number]["connectConfig"]>>): Configs[number] {
  return { upgradeType: "CONNECT", connectConfig: { allowPost: false, ...fields } };
}

const lists: readonly (readonly [
  why: string,
  configs: Configs,
  want: ReturnType<typeof compile>,
])[] = [
  ["none", [], []],
  ["enabled where nothing is said", [{ upgradeType: "websocket" }], [["websocket", 1, 0]]],
  ["in lower case", [{ upgradeType: "WebSocket", enabled: true }], [["websocket", 1, 0]]],
  ["turned off", [{ upgradeType: "a", enabled: false }], [["a", 0, 0]]],
  ["CONNECT goes on", [{ upgradeType: "CONNECT" }], [["connect", 1, 0]]],
  ["CONNECT ends here", [connect({})], [["connect", 1, 1]]],
  ["POST ends here, too", [connect({ allowPost: true })], [["connect", 1, 3]]],
  [
    "before it goes a header of version 1",
    [connect({ proxyProtocolConfig: { version: Version.V1 } })],
    [["connect", 1, 5]],
  ],
  [
    "before it goes a header of version 2",
    [connect({ proxyProtocolConfig: { version: Version.V2 }, allowPost: true })],
    [["connect", 1, 11]],
  ],
  [
    "in their order",
    [{ upgradeType: "b" }, { upgradeType: "a", enabled: false }],
    [
      ["b", 1, 0],
      ["a", 0, 0],
    ],
  ],
];

/** Envoy's words, where it has some. */
const refused: readonly (readonly [why: string, configs: Configs, message: string])[] = [
  [
    "two of one type, but for case",
    [{ upgradeType: "a" }, { upgradeType: "A" }],
    'upgrade_configs[1]: Error: multiple upgrade configs with the same name: "A"',
  ],
  [
    "connect_config of another type",
    [{ upgradeType: "websocket", connectConfig: { allowPost: false } }],
    "upgrade_configs[0].connect_config: Non-CONNECT upgrade type has ConnectConfig",
  ],
];

describe("upgrades", () => {
  for (const [why, configs, want] of lists) {
    it(`writeUpgrades: ${why}`, () => assert.deepEqual(compile(configs), want));
  }

  for (const [why, configs, message] of refused) {
    it(`writeUpgrades: ${why}: refused`, () => {
      assert.throws(
        () => compile(configs),
        (error: Error) => {
          assert.ok(error.message.includes(message), error.message);
          return true;
        },
      );
    });
  }
});
