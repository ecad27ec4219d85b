import {
  SCOPE_KIND_CONNECTION_LIMIT,
  SCOPE_KIND_CONNECTION_RATE,
  SCOPE_KIND_METADATA_EXCHANGE,
  SCOPE_KIND_RBAC,
  SCOPE_KIND_RBAC_SHADOW,
} from "../../observe/stat/scope-kind.ts";
import type { NetworkFilterModel } from "../../config/network-filter-model.ts";
import { AccessControl } from "./access-control.ts";
import type { ConnectionFilter, FilterCounts } from "./connection-filter.ts";
import { ConnectionLimit } from "./connection-limit.ts";
import { ConnectionRate } from "./connection-rate.ts";
import { MetadataExchange } from "./metadata-exchange.ts";
import type { SharedCell } from "./shared-cell.ts";

/** What the filters of a worker are made with. */
export interface FilterSetting {
  countsOf(kind: number, scope: string): FilterCounts;
  cellOf(place: number): SharedCell;
}

/** Makes a network filter for all connections of a chain. */
export function buildFilter(model: NetworkFilterModel, setting: FilterSetting): ConnectionFilter {
  switch (model.kind) {
    case "connection-limit": {
      const counts = setting.countsOf(SCOPE_KIND_CONNECTION_LIMIT, model.statPrefix);
      return new ConnectionLimit(model, setting.cellOf(model.cell), counts);
    }
    case "connection-rate": {
      const counts = setting.countsOf(SCOPE_KIND_CONNECTION_RATE, model.statPrefix);
      return new ConnectionRate(model, setting.cellOf(model.cell), counts, readSharedClock);
    }
    case "rbac":
      return new AccessControl(
        model,
        setting.countsOf(SCOPE_KIND_RBAC, model.statScope),
        setting.countsOf(SCOPE_KIND_RBAC_SHADOW, model.shadowStatScope),
      );
    case "metadata-exchange":
      return new MetadataExchange(
        setting.countsOf(SCOPE_KIND_METADATA_EXCHANGE, "metadata_exchange"),
      );
  }
}

/** Microseconds since the machine was started: the same for all threads. */
function readSharedClock(): bigint {
  return process.hrtime.bigint() / 1000n;
}
