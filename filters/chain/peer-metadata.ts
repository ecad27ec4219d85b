/*
 * io.istio.http.peer_metadata: finds out which workload is at the other end, which becomes the
 * filter state `downstream_peer` or `upstream_peer`, and says of which this proxy is.
 */
import {
  H_BAGGAGE,
  H_X_ENVOY_PEER_METADATA,
  H_X_ENVOY_PEER_METADATA_ID,
} from "../../api/engine/header-names.ts";
import {
  CLUSTER_FLAGS,
  CLUSTER_FLAG_EXTERNAL,
  CLUSTER_FLAG_NO_PEER_HEADERS,
} from "../../api/engine/image.ts";
import {
  PEER_BY_BAGGAGE,
  PEER_DOWNSTREAM_WAYS,
  PEER_FLAGS,
  PEER_FLAG_BAGGAGE_DOWNSTREAM,
  PEER_FLAG_BAGGAGE_UPSTREAM,
  PEER_FLAG_HEADERS_DOWNSTREAM,
  PEER_FLAG_HEADERS_UPSTREAM,
  PEER_FLAG_SHARED,
  PEER_FLAG_SKIPS_DOWNSTREAM,
  PEER_FLAG_SKIPS_UPSTREAM,
  PEER_FLAG_STRIPS_REQUEST,
  PEER_FLAG_STRIPS_RESPONSE,
  PEER_LABELS,
  PEER_OWN_BAGGAGE,
  PEER_OWN_ID,
  PEER_OWN_METADATA,
  PEER_UPSTREAM_WAYS,
} from "../../api/engine/peer/peer-image.ts";
import { STATE_IS_HASHED, STATE_IS_PEER, STATE_SHARED_ONCE } from "../../api/engine/state-image.ts";
import { putState } from "../filter-state/filter-state.ts";
import { findStateOf } from "../filter-state/find-state.ts";
import { HeaderBlock, findKnown, removeKnown, setKnown } from "../head/block.ts";
import { staticText } from "../memory/text.ts";
import { formatOutput, writtenLength } from "../observe/format/format-output.ts";
import { readBaggage } from "../peer/baggage.ts";
import { readMetadata } from "../peer/metadata-header.ts";
import { writePeer } from "../peer/peer.ts";
import { Stream } from "../stream/stream.ts";

/** Bits of `Stream.peerHeaders`: which of Istio's headers the request had. */
namespace Had {
  export const Id: i32 = 1;
  export const Metadata: i32 = 2;
}

const DOWNSTREAM = staticText("downstream_peer");
const DOWNSTREAM_BYTES: i32 = 15;
const UPSTREAM = staticText("upstream_peer");
const UPSTREAM_BYTES: i32 = 13;

/** Finds out who sent the request, and says who passes it on. */
export function meetDownstream(stream: Stream, config: usize): void {
  const block = stream.request;
  const flags = load<i32>(config, PEER_FLAGS);
  for (let ways = load<i32>(config, PEER_DOWNSTREAM_WAYS); ways != 0; ways >>= 4) {
    const isByBaggage = (ways & 15) == PEER_BY_BAGGAGE;
    if (!isByBaggage) noteHeaders(stream);
    if (!find(stream, block, config, isByBaggage)) continue;
    keepPeer(stream, config, DOWNSTREAM, DOWNSTREAM_BYTES);
    break;
  }
  if ((flags & PEER_FLAG_STRIPS_REQUEST) != 0) strip(block);
  const isTold = (flags & PEER_FLAG_HEADERS_UPSTREAM) != 0;
  if (isTold && !isSpared(stream, (flags & PEER_FLAG_SKIPS_UPSTREAM) != 0)) {
    tell(stream, block, config, Had.Id | Had.Metadata);
  }
  if ((flags & PEER_FLAG_BAGGAGE_UPSTREAM) != 0) tellBaggage(stream, block, config);
}

/** Finds out who answered, and says to the client who passes it on. */
export function meetUpstream(stream: Stream, config: usize): void {
  const block = stream.response;
  const flags = load<i32>(config, PEER_FLAGS);
  for (let ways = load<i32>(config, PEER_UPSTREAM_WAYS); ways != 0; ways >>= 4) {
    if (!find(stream, block, config, (ways & 15) == PEER_BY_BAGGAGE)) continue;
    keepPeer(stream, config, UPSTREAM, UPSTREAM_BYTES);
    break;
  }
  if ((flags & PEER_FLAG_STRIPS_RESPONSE) != 0) strip(block);
  const isTold = (flags & PEER_FLAG_HEADERS_DOWNSTREAM) != 0;
  if (isTold && !isSpared(stream, (flags & PEER_FLAG_SKIPS_DOWNSTREAM) != 0)) {
    tell(stream, block, config, stream.peerHeaders);
  }
  if ((flags & PEER_FLAG_BAGGAGE_DOWNSTREAM) != 0) tellBaggage(stream, block, config);
}

function find(stream: Stream, block: HeaderBlock, config: usize, isByBaggage: bool): bool {
  const entry = findKnown(block, isByBaggage ? H_BAGGAGE : H_X_ENVOY_PEER_METADATA);
  if (entry === null) return false;
  if (isByBaggage) return readBaggage(entry.value, entry.valueLength);
  return readMetadata(entry.value, entry.valueLength, stream.image, config);
}

/** Only who says something of himself is told something. */
function noteHeaders(stream: Stream): void {
  const block = stream.request;
  if (findKnown(block, H_X_ENVOY_PEER_METADATA_ID) !== null) stream.peerHeaders |= Had.Id;
  if (findKnown(block, H_X_ENVOY_PEER_METADATA) !== null) stream.peerHeaders |= Had.Metadata;
}

/** What is known already stays: an earlier filter, or the connection, was first. */
function keepPeer(stream: Stream, config: usize, key: usize, keyLength: i32): void {
  if (findStateOf(stream, key, keyLength) != 0) return;
  const labels = stream.image + <usize>load<u32>(config, PEER_LABELS);
  writePeer(stream.image, labels, load<i32>(config, PEER_LABELS + 4));
  const isShared = (load<i32>(config, PEER_FLAGS) & PEER_FLAG_SHARED) != 0;
  const flags = STATE_IS_PEER | STATE_IS_HASHED | (isShared ? STATE_SHARED_ONCE : 0);
  const state = stream.filterState;
  stream.filterState = putState(state, key, keyLength, formatOutput(), writtenLength(), flags);
}

function strip(block: HeaderBlock): void {
  removeKnown(block, H_X_ENVOY_PEER_METADATA_ID);
  removeKnown(block, H_X_ENVOY_PEER_METADATA);
}

/** Whether a request to its cluster, or the answer, goes without Istio's headers. */
function isSpared(stream: Stream, skipsExternal: bool): bool {
  if (stream.clusterRecord == 0) return false;
  const flags = load<i32>(stream.clusterRecord, CLUSTER_FLAGS);
  if ((flags & CLUSTER_FLAG_NO_PEER_HEADERS) != 0) return true;
  return skipsExternal && (flags & CLUSTER_FLAG_EXTERNAL) != 0;
}

function tell(stream: Stream, block: HeaderBlock, config: usize, which: i32): void {
  if ((which & Had.Id) != 0) {
    setText(stream, block, H_X_ENVOY_PEER_METADATA_ID, config + PEER_OWN_ID);
  }
  if ((which & Had.Metadata) != 0) {
    setText(stream, block, H_X_ENVOY_PEER_METADATA, config + PEER_OWN_METADATA);
  }
}

function tellBaggage(stream: Stream, block: HeaderBlock, config: usize): void {
  setText(stream, block, H_BAGGAGE, config + PEER_OWN_BAGGAGE);
}

/** Gives a header the text of a record. */
function setText(stream: Stream, block: HeaderBlock, id: i32, text: usize): void {
  setKnown(block, id, stream.image + <usize>load<u32>(text), load<i32>(text, 4));
}
