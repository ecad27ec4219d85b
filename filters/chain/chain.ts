/*
 * The HTTP filter chain: requests go through it in order, responses in reverse. The router, which
 * ends every chain, is not a record: what comes after the chain is the router.
 */
import {
  CHAIN_BYTES,
  CHAIN_CONFIG,
  CHAIN_DISABLED,
  CHAIN_KIND,
  FILTER_HEADER_MUTATION,
  FILTER_SET_FILTER_STATE,
} from "../../api/engine/chain-image.ts";
import { HCM_CHAIN } from "../../api/engine/image.ts";
import { STATE_CHAIN } from "../../api/engine/layout.ts";
import { setStreamState } from "../filter-state/set-state.ts";
import { Stream } from "../stream/stream.ts";
import { mutateRequest, mutateResponse } from "./header-mutation.ts";
import { isDisabledByRoute } from "./route-settings.ts";

/** Takes a request through the chain. */
export function runRequestChain(stream: Stream): void {
  stream.state |= STATE_CHAIN;
  const count = load<i32>(stream.hcm, HCM_CHAIN + 4);
  const first = stream.image + <usize>load<u32>(stream.hcm, HCM_CHAIN);
  for (let place = 0; place < count; place++) {
    const filter = first + <usize>place * CHAIN_BYTES;
    if (isOff(stream, filter, place)) continue;
    const kind = load<i32>(filter, CHAIN_KIND);
    const config = stream.image + <usize>load<u32>(filter, CHAIN_CONFIG);
    if (kind == FILTER_HEADER_MUTATION) mutateRequest(stream, config, place);
    else if (kind == FILTER_SET_FILTER_STATE) setStreamState(stream, config);
  }
}

/** Takes a response through the chain, from its end. */
export function runResponseChain(stream: Stream): void {
  const count = load<i32>(stream.hcm, HCM_CHAIN + 4);
  const first = stream.image + <usize>load<u32>(stream.hcm, HCM_CHAIN);
  for (let place = count - 1; place >= 0; place--) {
    const filter = first + <usize>place * CHAIN_BYTES;
    if (isOff(stream, filter, place)) continue;
    if (load<i32>(filter, CHAIN_KIND) == FILTER_HEADER_MUTATION) {
      mutateResponse(stream, stream.image + <usize>load<u32>(filter, CHAIN_CONFIG), place);
    }
  }
}

/** The most specific level of the routes that mentions the filter decides; else the filter does. */
function isOff(stream: Stream, filter: usize, place: i32): bool {
  const decision = isDisabledByRoute(stream, place);
  return decision < 0 ? load<i32>(filter, CHAIN_DISABLED) != 0 : decision == 1;
}
