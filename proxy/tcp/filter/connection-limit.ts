import {
  CONNECTION_LIMIT_ACTIVE_CONNECTIONS,
  CONNECTION_LIMIT_LIMITED_CONNECTIONS,
} from "../../../api/engine/network/filter-stats.ts";
import type { ConnectionLimitModel } from "../../config/network-filter-model.ts";
import type { ConnectionFilter, FilterCounts, Refusal } from "./connection-filter.ts";
import type { SharedCell } from "./shared-cell.ts";

/** Closes connections when there are too many. Envoy `envoy.filters.network.connection_limit`. */
export class ConnectionLimit implements ConnectionFilter {
  readonly judges = "nothing";
  readonly #model: ConnectionLimitModel;
  readonly #cell: SharedCell;
  readonly #counts: FilterCounts;

  constructor(model: ConnectionLimitModel, cell: SharedCell, counts: FilterCounts) {
    this.#model = model;
    this.#cell = cell;
    this.#counts = counts;
  }

  onOpen(): Refusal | null {
    const { isEnabled, connectionsMax, delayMs } = this.#model;
    if (!isEnabled) return null;
    this.#counts.add(CONNECTION_LIMIT_ACTIVE_CONNECTIONS, 1);
    if (this.#cell.addBelow(connectionsMax)) return null;
    this.#counts.add(CONNECTION_LIMIT_LIMITED_CONNECTIONS, 1);
    // It counts until it is gone, as in Envoy: those that wait keep others out.
    this.#cell.add();
    return { delayMs, details: "", flag: -1 };
  }

  onRead(): null {
    return null;
  }

  onClose(): void {
    if (!this.#model.isEnabled) return;
    this.#counts.add(CONNECTION_LIMIT_ACTIVE_CONNECTIONS, -1);
    this.#cell.remove();
  }
}
