/* envoy.filters.http.header_mutation: changes headers of requests and responses. */
import {
  HEADER_MUTATION_REQUEST,
  HEADER_MUTATION_RESPONSE,
  HEADER_MUTATION_SPECIFIC_WINS,
} from "../../api/engine/chain-image.ts";
import { HeaderBlock } from "../head/block.ts";
import { applyMutations } from "../route/mutations.ts";
import { Stream } from "../stream/stream.ts";
import { LEVEL_COUNT, settingsOf } from "./route-settings.ts";

/** Applies the filter's own mutations to the request, then those of the routes. */
export function mutateRequest(stream: Stream, config: usize, place: i32): void {
  mutate(stream, stream.request, config, place, HEADER_MUTATION_REQUEST);
}

/** The same for the response. */
export function mutateResponse(stream: Stream, config: usize, place: i32): void {
  mutate(stream, stream.response, config, place, HEADER_MUTATION_RESPONSE);
}

function mutate(
  stream: Stream,
  block: HeaderBlock,
  config: usize,
  place: i32,
  field: usize,
): void {
  applyAll(stream, block, config + field);
  const isReversed = load<i32>(config, HEADER_MUTATION_SPECIFIC_WINS) != 0;
  for (let i = 0; i < LEVEL_COUNT; i++) {
    const level = isReversed ? LEVEL_COUNT - 1 - i : i;
    const settings = settingsOf(stream, level, place);
    if (settings != 0) applyAll(stream, block, settings + field);
  }
}

/** Applies a list of references to mutations, one after the other. */
function applyAll(stream: Stream, block: HeaderBlock, list: usize): void {
  const count = load<i32>(list, 4);
  const first = stream.image + <usize>load<u32>(list);
  for (let i = 0; i < count; i++) {
    applyMutations(stream.image + <usize>load<u32>(first + (<usize>i << 2)), block, stream);
  }
}
