import type { Any } from "@bufbuild/protobuf/wkt";
import type { RuntimeFeatureFlag } from "../../../../api/gen/envoy/config/core/v3/base_pb.js";
import {
  type ConnectionLimit,
  ConnectionLimitSchema,
} from "../../../../api/gen/envoy/extensions/filters/network/connection_limit/v3/connection_limit_pb.js";
import {
  type LocalRateLimit,
  LocalRateLimitSchema,
} from "../../../../api/gen/envoy/extensions/filters/network/local_ratelimit/v3/local_rate_limit_pb.js";
import { RBACSchema } from "../../../../api/gen/envoy/extensions/filters/network/rbac/v3/rbac_pb.js";
import { MetadataExchangeSchema } from "../../../../api/gen/envoy/tcp/metadataexchange/config/metadata_exchange_pb.js";
import type { FieldPath } from "../../field-path.ts";
import { unpackAny } from "../../message/any-registry.ts";
import type { NetworkFilterModel } from "../../network-filter-model.ts";
import type { CompileSetting } from "../compile-setting.ts";
import { toMs } from "../duration.ts";
import { refuse } from "../route/route-setting.ts";
import { toRbac } from "./rbac.ts";

/** Envoy's words for a bucket that is filled too often. */
const FILL_MS_MIN = 50;

/** The cells of memory that all workers share, by what they are for. */
export class CellCollector {
  readonly keys: string[] = [];

  /** The place of a cell; filters that name the same share it. */
  place(key: string): number {
    const known = this.keys.indexOf(key);
    return known >= 0 ? known : this.keys.push(key) - 1;
  }
}

const MISSING = "Field 'max_connections' is missing";

/** What compiling a network filter needs beside the filter itself. */
export interface NetworkFilterSetting {
  readonly setting: Pick<CompileSetting, "runtimeFlag">;
  readonly cells: CellCollector;
}

/**
 * What workers need of a network filter that is not the last of its chain.
 *
 * @param path Of the filter's `typed_config`.
 */
export function toNetworkFilter(
  config: Any,
  { setting, cells }: NetworkFilterSetting,
  path: FieldPath,
): NetworkFilterModel {
  const limit = unpackAny(config, ConnectionLimitSchema);
  if (limit !== null) return toLimit(limit, setting, cells, path);
  const rate = unpackAny(config, LocalRateLimitSchema);
  if (rate !== null) return toRate(rate, setting, cells, path);
  const rbac = unpackAny(config, RBACSchema);
  if (rbac !== null) return toRbac(rbac, path);
  if (unpackAny(config, MetadataExchangeSchema) !== null) return { kind: "metadata-exchange" };
  return refuse(path, "is not a filter that may stand here");
}

function toLimit(
  limit: ConnectionLimit,
  setting: NetworkFilterSetting["setting"],
  cells: CellCollector,
  path: FieldPath,
): NetworkFilterModel {
  const { statPrefix, maxConnections } = limit;
  if (maxConnections === undefined) return refuse(path.field("max_connections"), MISSING);
  const facts = {
    kind: "connection-limit",
    statPrefix,
    isEnabled: isEnabled(limit.runtimeEnabled, setting),
    connectionsMax: Number(maxConnections),
    delayMs: toMs(limit.delay, 0),
  } as const;
  return { ...facts, cell: cells.place(`${path} ${JSON.stringify(facts)}`) };
}

function toRate(
  limit: LocalRateLimit,
  setting: NetworkFilterSetting["setting"],
  cells: CellCollector,
  path: FieldPath,
): NetworkFilterModel {
  const { tokenBucket, shareKey, statPrefix } = limit;
  const at = path.field("token_bucket");
  if (tokenBucket === undefined) return refuse(at, "value is required");
  const fillMs = toMs(tokenBucket.fillInterval, 0);
  if (fillMs < FILL_MS_MIN) {
    const rule = "local rate limit token bucket fill timer must be >= 50ms";
    return refuse(at.field("fill_interval"), rule);
  }
  const { maxTokens, tokensPerFill = 1 } = tokenBucket;
  const bucket = { tokensMax: maxTokens, tokensPerMs: tokensPerFill / fillMs };
  const owner = shareKey === "" ? `${path}` : `share_key ${shareKey}`;
  return {
    kind: "connection-rate",
    statPrefix,
    isEnabled: isEnabled(limit.runtimeEnabled, setting),
    ...bucket,
    cell: cells.place(`${owner} ${maxTokens} ${tokensPerFill} ${fillMs}`),
  };
}

/** Without a flag a filter is enabled. */
function isEnabled(
  flag: RuntimeFeatureFlag | undefined,
  setting: NetworkFilterSetting["setting"],
): boolean {
  if (flag === undefined) return true;
  return setting.runtimeFlag(flag.runtimeKey) ?? flag.defaultValue ?? false;
}
