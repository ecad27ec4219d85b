import {
  UPGRADE_BYTES,
  UPGRADE_CONNECT,
  UPGRADE_CONNECT_ENDS,
  UPGRADE_CONNECT_HEADER_V1,
  UPGRADE_CONNECT_HEADER_V2,
  UPGRADE_CONNECT_POST,
  UPGRADE_IS_ENABLED,
  UPGRADE_TYPE,
} from "../../../../api/engine/image.ts";
import { ProxyProtocolConfig_Version as Version } from "../../../../api/gen/envoy/config/core/v3/proxy_protocol_pb.js";
import type { FieldPath } from "../../field-path.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import { refuse } from "../route/route-setting.ts";

const NOT_CONNECT = "Non-CONNECT upgrade type has ConnectConfig";

/** What becomes of CONNECT that ends here. */
interface ConnectConfig {
  readonly allowPost: boolean;
  readonly proxyProtocolConfig?: { readonly version: Version } | undefined;
}

/** One of the `upgrade_configs` of a connection manager or of a route. */
interface UpgradeConfig {
  readonly upgradeType: string;
  readonly enabled?: boolean | undefined;
  /** Of a route: CONNECT ends here. */
  readonly connectConfig?: ConnectConfig | undefined;
}

/**
 * Writes `upgrade_configs` as `UPGRADE_*` records, one behind the other.
 *
 * @throws MeshError `CONFIG_INVALID` for two of one type.
 */
export function writeUpgrades(
  writer: ImageWriter,
  configs: readonly UpgradeConfig[],
  path: FieldPath,
): { readonly offset: number; readonly count: number } {
  const offset = writer.reserve(configs.length * UPGRADE_BYTES);
  const types = new Set<string>();
  for (const [index, { upgradeType, enabled = true, connectConfig }] of configs.entries()) {
    const type = upgradeType.toLowerCase();
    if (types.has(type)) {
      const what = "Error: multiple upgrade configs with the same name";
      refuse(path.item(index), `${what}: "${upgradeType}"`);
    }
    types.add(type);
    const record = offset + index * UPGRADE_BYTES;
    writer.setText(record + UPGRADE_TYPE, type);
    writer.setUint32(record + UPGRADE_IS_ENABLED, enabled ? 1 : 0);
    if (connectConfig === undefined) continue;
    if (type !== "connect") refuse(path.item(index).field("connect_config"), NOT_CONNECT);
    writer.setUint32(record + UPGRADE_CONNECT, toConnectFlags(connectConfig));
  }
  return { offset, count: configs.length };
}

function toConnectFlags({ allowPost, proxyProtocolConfig: header }: ConnectConfig): number {
  const isBinary = header?.version === Version.V2;
  const headerFlag = isBinary ? UPGRADE_CONNECT_HEADER_V2 : UPGRADE_CONNECT_HEADER_V1;
  return (
    UPGRADE_CONNECT_ENDS |
    (allowPost ? UPGRADE_CONNECT_POST : 0) |
    (header === undefined ? 0 : headerFlag)
  );
}
