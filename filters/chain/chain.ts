/*
 * The HTTP filter chain: requests go through it in order, responses in reverse. The router, which
 * ends every chain, is not a record: what comes after the chain is the router.
 */
import {
  CHAIN_BYTES,
  CHAIN_CONFIG,
  CHAIN_DISABLED,
  CHAIN_KIND,
  FILTER_GRPC_STATS,
  FILTER_GRPC_WEB,
  FILTER_HEADER_MUTATION,
  FILTER_PEER_METADATA,
  FILTER_SET_FILTER_STATE,
} from "../../api/engine/chain-image.ts";
import { HCM_CHAIN } from "../../api/engine/image.ts";
import { STATE_CHAIN } from "../../api/engine/layout.ts";
import { setStreamState } from "../filter-state/set-state.ts";
import { Stream } from "../stream/stream.ts";
import { watchRequest, watchResponse } from "./grpc-stats.ts";
import { makeWebResponse, takeWebRequest } from "./grpc-web.ts";
import { mutateRequest, mutateResponse } from "./header-mutation.ts";
import { meetDownstream, meetUpstream } from "./peer-metadata.ts";
import { isDisabledByRoute } from "./route-settings.ts";

/** Takes a request through the chain. */
export function runRequestChain(stream: Stream): void {
  stream.state |= STATE_CHAIN;
  const count = load<i32>(stream.hcm, HCM_CHAIN + 4);
  const first = stream.image + <usize>load<u32>(stream.hcm, HCM_CHAIN);
  for (let place = 0; place < count; place++) {
    const filter = first + <usize>place * CHAIN_BYTES;
    if (isOff(stream, filter, place)) continue;
    const config = stream.image + <usize>load<u32>(filter, CHAIN_CONFIG);
    const kind = load<i32>(filter, CHAIN_KIND);
    if (kind == FILTER_HEADER_MUTATION) mutateRequest(stream, config, place);
    else if (kind == FILTER_SET_FILTER_STATE) setStreamState(stream, config);
    else if (kind == FILTER_GRPC_STATS) watchRequest(stream, config);
    else if (kind == FILTER_GRPC_WEB) takeWebRequest(stream);
    else if (kind == FILTER_PEER_METADATA) meetDownstream(stream, config);
  }
}

/** Takes a response through the chain, from its end. `isEnd` says that nothing follows its head. */
export function runResponseChain(stream: Stream, isEnd: bool): void {
  const count = load<i32>(stream.hcm, HCM_CHAIN + 4);
  const first = stream.image + <usize>load<u32>(stream.hcm, HCM_CHAIN);
  for (let place = count - 1; place >= 0; place--) {
    const filter = first + <usize>place * CHAIN_BYTES;
    if (isOff(stream, filter, place)) continue;
    const config = stream.image + <usize>load<u32>(filter, CHAIN_CONFIG);
    const kind = load<i32>(filter, CHAIN_KIND);
    if (kind == FILTER_HEADER_MUTATION) mutateResponse(stream, config, place);
    else if (kind == FILTER_GRPC_STATS) watchResponse(stream, isEnd);
    else if (kind == FILTER_GRPC_WEB) makeWebResponse(stream, isEnd);
    else if (kind == FILTER_PEER_METADATA) meetUpstream(stream, config);
  }
}

/** The most specific level of the routes that mentions the filter decides; else the filter does. */
function isOff(stream: Stream, filter: usize, place: i32): bool {
  const decision = isDisabledByRoute(stream, place);
  return decision < 0 ? load<i32>(filter, CHAIN_DISABLED) != 0 : decision == 1;
}
