/* Which cluster a `route` action leads to: the one it names, one that a header names, or one of
 * several by weight. */
import { CLUSTER_BYTES, HCM_ROUTE_CONFIG, IMAGE_CLUSTERS } from "../../api/engine/image.ts";
import {
  FORWARD_CLUSTER,
  FORWARD_HEADER,
  FORWARD_HEADER_ID,
  FORWARD_NOT_FOUND_STATUS,
  FORWARD_SPECIFIER,
  FORWARD_TOTAL_WEIGHT,
  FORWARD_WEIGHTED,
  NAMED_CLUSTER_BYTES,
  NAMED_CLUSTER_HASH,
  NAMED_CLUSTER_INDEX,
  NAMED_CLUSTER_TEXT,
  NAMED_CLUSTER_TEXT_LENGTH,
  ROUTES_CLUSTERS,
  ROUTES_CLUSTERS_MASK,
  ROUTE_CLUSTER,
  ROUTE_NO_CLUSTER,
  SPECIFIER_CLUSTER,
  SPECIFIER_HEADER,
  WEIGHTED_BYTES,
  WEIGHTED_CLUSTER,
  WEIGHTED_HEADER,
  WEIGHTED_HEADER_ID,
  WEIGHTED_WEIGHT,
} from "../../api/engine/route-image.ts";
import { HeaderEntry, entryAt, nextByName } from "../head/block.ts";
import { equalBytes, hashBytes } from "../memory/bytes.ts";
import { Stream } from "../stream/stream.ts";
import { slotOf } from "./hash-search.ts";
import { naturalRead, readNatural } from "./match/integer.ts";

/** Sets the cluster of the stream from the action at that address. Returns a `ROUTE_*` result. */
export function chooseCluster(stream: Stream, action: usize): i32 {
  const index = clusterOf(stream, action);
  stream.cluster = index;
  if (index < 0) {
    stream.status = load<i32>(action, FORWARD_NOT_FOUND_STATUS);
    return ROUTE_NO_CLUSTER;
  }
  const clusters = stream.image + <usize>load<u32>(stream.image, IMAGE_CLUSTERS);
  stream.clusterRecord = clusters + <usize>index * CLUSTER_BYTES;
  return ROUTE_CLUSTER;
}

function clusterOf(stream: Stream, action: usize): i32 {
  const specifier = load<i32>(action, FORWARD_SPECIFIER);
  if (specifier == SPECIFIER_CLUSTER) return load<i32>(action, FORWARD_CLUSTER);
  if (specifier == SPECIFIER_HEADER) {
    return namedCluster(stream, action + FORWARD_HEADER, load<u32>(action, FORWARD_HEADER_ID));
  }
  const weighted = chooseWeighted(stream, action);
  stream.weighted = weighted;
  if (load<u32>(weighted, WEIGHTED_HEADER + 4) == 0) return load<i32>(weighted, WEIGHTED_CLUSTER);
  return namedCluster(stream, weighted + WEIGHTED_HEADER, load<u32>(weighted, WEIGHTED_HEADER_ID));
}

/** The entry in whose share the random number of the stream, or of a header, lies. */
function chooseWeighted(stream: Stream, action: usize): usize {
  const total = <u64>load<u32>(action, FORWARD_TOTAL_WEIGHT);
  let left = randomOf(stream, action) % total;
  let entry = stream.image + <usize>load<u32>(action, FORWARD_WEIGHTED);
  while (true) {
    const weight = <u64>load<u32>(entry, WEIGHTED_WEIGHT);
    if (left < weight) return entry;
    left -= weight;
    entry += WEIGHTED_BYTES;
  }
}

/** A header that occurs several times is no number. */
function randomOf(stream: Stream, action: usize): u64 {
  const length = load<i32>(action, FORWARD_HEADER + 4);
  if (length == 0) return stream.random;
  const block = stream.request;
  const name = stream.image + <usize>load<u32>(action, FORWARD_HEADER);
  const id = <u16>load<u32>(action, FORWARD_HEADER_ID);
  const at = nextByName(block, 0, id, name, length);
  if (at < 0 || nextByName(block, at + 1, id, name, length) >= 0) return stream.random;
  const entry = entryAt(block, at);
  return readNatural(entry.value, entry.valueLength) ? naturalRead() : stream.random;
}

/** Index of the cluster that the first header of a name has, or -1. */
export function namedCluster(stream: Stream, header: usize, id: u32): i32 {
  const name = stream.image + <usize>load<u32>(header);
  const at = nextByName(stream.request, 0, <u16>id, name, load<i32>(header, 4));
  return at < 0 ? -1 : findCluster(stream, entryAt(stream.request, at));
}

function findCluster(stream: Stream, entry: HeaderEntry): i32 {
  const image = stream.image;
  const routes = image + <usize>load<u32>(stream.hcm, HCM_ROUTE_CONFIG);
  const mask = load<u32>(routes, ROUTES_CLUSTERS_MASK);
  const table = image + <usize>load<u32>(routes, ROUTES_CLUSTERS);
  const length = entry.valueLength;
  const hash = hashBytes(entry.value, length);
  let slot = slotOf(hash, mask);
  while (true) {
    const cluster = table + <usize>slot * NAMED_CLUSTER_BYTES;
    const textLength = load<i32>(cluster, NAMED_CLUSTER_TEXT_LENGTH);
    if (textLength == 0) return -1;
    if (load<u32>(cluster, NAMED_CLUSTER_HASH) == hash && textLength == length) {
      const text = image + <usize>load<u32>(cluster, NAMED_CLUSTER_TEXT);
      if (equalBytes(text, entry.value, length)) return load<i32>(cluster, NAMED_CLUSTER_INDEX);
    }
    slot = (slot + 1) & mask;
  }
}
