import type { Listener } from "../../../../api/gen/envoy/config/listener/v3/listener_pb.js";
import type { FieldPath } from "../../field-path.ts";
import type { ListenerModel } from "../../model.ts";
import { toMs } from "../duration.ts";
import { compileChainMatcher } from "./chain-matcher.ts";
import { compileListenerFilter } from "./listener-filter.ts";

/** What a listener does before a filter chain has the connection. */
type ListenerSetting = Pick<
  ListenerModel,
  "chainMatcher" | "listenerFilters" | "usesOriginalDestination" | "bindsToPort"
>;

const FILTERS_TIMEOUT_MS = 15_000;

/**
 * Turns what stands around the filter chains of a listener into what workers run.
 *
 * @throws MeshError `CONFIG_INVALID` for what is not implemented.
 */
export function compileListenerSetting(listener: Listener, path: FieldPath): ListenerSetting {
  const at = path.field("listener_filters");
  const own = listener.listenerFilters.map((filter, index) =>
    compileListenerFilter(filter, at.item(index)),
  );
  const usesOriginalDestination = listener.useOriginalDst ?? false;
  // As in Envoy the flag brings the filter along, first of all.
  const hasFilter = own.some(({ kind }) => kind === "original-dst");
  const first = { kind: "original-dst", disabled: null } as const;
  const matcher = listener.filterChainMatcher;
  return {
    chainMatcher:
      matcher === undefined
        ? null
        : compileChainMatcher(matcher, path.field("filter_chain_matcher")),
    listenerFilters: {
      filters: usesOriginalDestination && !hasFilter ? [first, ...own] : own,
      timeoutMs: toMs(listener.listenerFiltersTimeout, FILTERS_TIMEOUT_MS),
      continuesOnTimeout: listener.continueOnListenerFiltersTimeout,
    },
    usesOriginalDestination,
    bindsToPort: listener.bindToPort ?? true,
  };
}
