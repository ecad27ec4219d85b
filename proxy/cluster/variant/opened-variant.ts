import { FLAG_HEADER_V1, FLAG_HEADER_V2, FLAG_RAW } from "../../../api/engine/layout.ts";
import { writeProxyBinary, writeProxyLine } from "../../proxy-protocol/write-header.ts";
import type { DownstreamOrigin } from "./downstream-origin.ts";
import { PLAIN_VARIANT, type PoolVariant, RAW_VARIANT } from "./pool-variant.ts";
import { toProxyEnds } from "../upstream/proxy-preface.ts";

/**
 * The connections that a request asks for: in HTTP, or such as carry its payload alone, behind the
 * PROXY header of its route where there is one (Envoy `ConnectConfig.proxy_protocol_config`). Hot.
 *
 * @param flags FLAG_RAW, FLAG_HEADER_V1 and FLAG_HEADER_V2.
 */
export function variantOf(flags: number, origin: DownstreamOrigin | null): PoolVariant {
  if ((flags & FLAG_RAW) === 0) return PLAIN_VARIANT;
  if ((flags & (FLAG_HEADER_V1 | FLAG_HEADER_V2)) === 0) return RAW_VARIANT;
  const ends = origin === null ? null : toProxyEnds(origin.ends);
  const isBinary = (flags & FLAG_HEADER_V2) !== 0;
  const opening = isBinary ? writeProxyBinary(ends, []).bytes : writeProxyLine(ends);
  const key = `${RAW_VARIANT.key} behind ${Buffer.from(opening).toString("latin1")}`;
  return { ...RAW_VARIANT, key, opening };
}
