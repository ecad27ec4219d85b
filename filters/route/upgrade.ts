/* Which upgrades a request may ask for: `upgrade_configs` of the route and of the manager. */
import { FRAMING_NONE } from "../../api/engine/http1.ts";
import { H_UPGRADE } from "../../api/engine/header-names.ts";
import {
  CLUSTER_FLAGS,
  CLUSTER_FLAG_HTTP2,
  HCM_UPGRADES,
  UPGRADE_BYTES,
  UPGRADE_IS_ENABLED,
  UPGRADE_TYPE,
} from "../../api/engine/image.ts";
import { FORWARD_UPGRADES, ROUTE_ACTION, ROUTE_CLUSTER } from "../../api/engine/route-image.ts";
import { HeaderEntry, findKnown } from "../head/block.ts";
import { lowerByte } from "../memory/bytes.ts";
import { Stream } from "../stream/stream.ts";

/** No record is about the type. */
const UNSAID: i32 = -1;

/**
 * Whether the upgrade that a request asks for is wanted. Only towards HTTP/1, and for requests
 * without a body: what would follow a refused upgrade could be read as another request.
 */
export function mayUpgrade(stream: Stream, decision: i32): bool {
  const entry = findKnown(stream.request, H_UPGRADE);
  if (entry === null || stream.requestFraming != FRAMING_NONE) return false;
  let verdict = UNSAID;
  if (decision == ROUTE_CLUSTER) {
    const flags = load<i32>(stream.clusterRecord, CLUSTER_FLAGS);
    if ((flags & CLUSTER_FLAG_HTTP2) != 0) return false;
    const action = stream.image + <usize>load<u32>(stream.route, ROUTE_ACTION);
    verdict = find(stream, action + FORWARD_UPGRADES, entry);
  }
  if (verdict == UNSAID) verdict = find(stream, stream.hcm + HCM_UPGRADES, entry);
  return verdict == 1;
}

/** 1 or 0 as the list says of the type, or UNSAID. */
function find(stream: Stream, list: usize, entry: HeaderEntry): i32 {
  const first = stream.image + <usize>load<u32>(list);
  for (let i = 0; i < load<i32>(list, 4); i++) {
    const record = first + <usize>i * UPGRADE_BYTES;
    const type = stream.image + <usize>load<u32>(record, UPGRADE_TYPE);
    const length = load<i32>(record, UPGRADE_TYPE + 4);
    if (length == entry.valueLength && isAlike(entry.value, type, length)) {
      return load<i32>(record, UPGRADE_IS_ENABLED);
    }
  }
  return UNSAID;
}

/** The type of the configuration is in lower case. */
function isAlike(value: usize, type: usize, length: i32): bool {
  for (let i = 0; i < length; i++) {
    if (lowerByte(load<u8>(value + i)) != <u32>load<u8>(type + i)) return false;
  }
  return true;
}
