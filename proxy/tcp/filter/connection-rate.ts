import { RATE_LIMIT_RATE_LIMITED } from "../../../api/engine/network/filter-stats.ts";
import { RESPONSE_FLAG_URX_LATE } from "../../../api/engine/response-flags.ts";
import type { ConnectionRateModel } from "../../config/network-filter-model.ts";
import type { ConnectionFilter, FilterCounts, Refusal } from "./connection-filter.ts";
import type { SharedCell } from "./shared-cell.ts";

/** The flag is odd, but Envoy's. */
const AT_ONCE: Refusal = { delayMs: 0, details: "", flag: RESPONSE_FLAG_URX_LATE };

/** Closes connections that come too fast. Envoy `envoy.filters.network.local_ratelimit`. */
export class ConnectionRate implements ConnectionFilter {
  readonly judges = "nothing";
  readonly #model: ConnectionRateModel;
  readonly #cell: SharedCell;
  readonly #counts: FilterCounts;
  readonly #nowUs: () => bigint;

  /** @param nowUs A clock that all workers share. */
  constructor(
    model: ConnectionRateModel,
    cell: SharedCell,
    counts: FilterCounts,
    nowUs: () => bigint,
  ) {
    this.#model = model;
    this.#cell = cell;
    this.#counts = counts;
    this.#nowUs = nowUs;
  }

  onOpen(): Refusal | null {
    const { isEnabled, tokensMax, tokensPerMs } = this.#model;
    if (!isEnabled) return null;
    if (this.#cell.takeToken(tokensMax, tokensPerMs / 1000, this.#nowUs())) return null;
    this.#counts.add(RATE_LIMIT_RATE_LIMITED, 1);
    return AT_ONCE;
  }

  onRead(): null {
    return null;
  }

  onClose(): void {}
}
