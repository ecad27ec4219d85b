import { METADATA_EXCHANGE_ALPN_PROTOCOL_NOT_FOUND } from "../../../api/engine/network/filter-stats.ts";
import type { ConnectionFilter, FilterCounts } from "./connection-filter.ts";

/**
 * Istio's `metadata_exchange`, for peers that have not agreed on its protocol by ALPN: it is never
 * offered, and within the worker there is no ALPN. That is counted when a connection begins; Istio
 * waits for its first bytes.
 */
export class MetadataExchange implements ConnectionFilter {
  readonly judges = "nothing";
  readonly #counts: FilterCounts;

  constructor(counts: FilterCounts) {
    this.#counts = counts;
  }

  onOpen(): null {
    this.#counts.add(METADATA_EXCHANGE_ALPN_PROTOCOL_NOT_FOUND, 1);
    return null;
  }

  onRead(): null {
    return null;
  }

  onClose(): void {}
}
