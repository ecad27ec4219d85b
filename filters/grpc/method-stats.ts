/*
 * Statistics of gRPC methods by cluster. Records are made when a method is called for the first
 * time, found by a hash, and never freed, like all statistics. Who calls chooses names, so that
 * there is a limit: what is beyond it counts without a name. api/engine/grpc-stats.ts has the
 * layout.
 */
import {
  GRPC_FAILURE,
  GRPC_STATUS_0,
  GRPC_STATUS_COUNT,
  GRPC_SUCCESS,
  GRPC_TOTAL,
  METHODS_MAX,
  METHOD_BLOCK,
  METHOD_BUCKET_NEXT,
  METHOD_BYTES,
  METHOD_CLUSTER,
  METHOD_HASH,
  METHOD_NAME,
  METHOD_NAME_BYTES,
  METHOD_NAME_BYTES_MAX,
  METHOD_NEXT,
} from "../../api/engine/grpc-stats.ts";
import { HeaderEntry } from "../head/block.ts";
import { copyBytes, equalBytes, hashBytes } from "../memory/bytes.ts";
import { allocate } from "../memory/slab.ts";
import { count } from "../observe/counters.ts";

const BUCKETS: u32 = 1024;
const SLASH: u8 = 47;
const DOT: u8 = 46;
const QUESTION_MARK: u8 = 63;
const UNDERSCORE: u8 = 95;

const buckets: usize = memory.data(4096);
const name: usize = memory.data(1024);
let nameLength: i32 = 0;
let prefixLength: i32 = 0;
let newest: usize = 0;
let namedCount: i32 = 0;

/** Address of the newest record, or 0. */
export function newestMethod(): usize {
  return newest;
}

/** Begins the name of a method: `grpc` or `grpc-web`. */
export function startMethodName(prefix: usize, length: i32): void {
  copyBytes(name, prefix, length);
  nameLength = length;
  prefixLength = length;
}

/**
 * Puts service and method of a path behind the prefix, with a slash between them; what is too long
 * is left out. False for a path that has not just those two. Envoy `resolveServiceAndMethod`.
 */
export function addMethod(path: usize, length: i32): bool {
  const end = path + <usize>length;
  let parts = 0;
  let to = name + prefixLength;
  const last = to + METHOD_NAME_BYTES_MAX;
  for (let at = path; at < end && load<u8>(at) != QUESTION_MARK; at++) {
    const byte = load<u8>(at);
    if (byte == SLASH) continue;
    if (at == path || load<u8>(at - 1) == SLASH) {
      if (++parts > 2) return false;
      if (to < last) store<u8>(to++, parts == 1 ? DOT : SLASH);
    }
    if (to <= last) store<u8>(to++, byte);
  }
  if (parts != 2) return false;
  if (to <= last) nameLength = <i32>(to - name);
  return true;
}

/** Hash of what `addMethod` added, of its bytes, and where those are: without the dot in front. */
export function methodHash(): u32 {
  return hashBytes(methodText(), methodTextLength());
}

/** `service/method` as `addMethod` left it. */
export function methodText(): usize {
  return name + prefixLength + 1;
}

/** Its length. */
export function methodTextLength(): i32 {
  return nameLength - prefixLength - 1;
}

/** Has a dot instead of the slash, and in the service underscores instead of dots if asked for. */
export function finishMethodName(replacesDots: bool): void {
  if (nameLength == prefixLength) return;
  let at = methodText();
  for (; load<u8>(at) != SLASH; at++) {
    if (replacesDots && load<u8>(at) == DOT) store<u8>(at, UNDERSCORE);
  }
  store<u8>(at, DOT);
}

/** Takes the method off again: the prefix alone counts. */
export function dropMethod(): void {
  nameLength = prefixLength;
}

/** Address of the block for the present name in the cluster whose statistics are at `cluster`. */
export function methodStats(cluster: usize): usize {
  const found = find(cluster);
  if (found != 0) return found + METHOD_BLOCK;
  if (nameLength > prefixLength && namedCount >= METHODS_MAX) {
    dropMethod();
    return methodStats(cluster);
  }
  return add(cluster) + METHOD_BLOCK;
}

function find(cluster: usize): usize {
  const wanted = hashBytes(name, nameLength);
  let record = <usize>load<u32>(buckets + (bucketOf(cluster, wanted) << 2));
  for (; record != 0; record = load<u32>(record, METHOD_BUCKET_NEXT)) {
    const isSame =
      load<u32>(record, METHOD_HASH) == wanted &&
      load<u32>(record, METHOD_CLUSTER) == <u32>cluster &&
      load<i32>(record, METHOD_NAME_BYTES) == nameLength;
    if (isSame && equalBytes(load<u32>(record, METHOD_NAME), name, nameLength)) return record;
  }
  return 0;
}

function add(cluster: usize): usize {
  const record = allocate(METHOD_BYTES);
  memory.fill(record, 0, METHOD_BYTES);
  const text = allocate(<usize>nameLength + 16);
  memory.copy(text, name, nameLength);
  const key = hashBytes(name, nameLength);
  const bucket = buckets + (bucketOf(cluster, key) << 2);
  store<u32>(record, <u32>newest, METHOD_NEXT);
  store<u32>(record, <u32>cluster, METHOD_CLUSTER);
  store<u32>(record, key, METHOD_HASH);
  store<u32>(record, <u32>text, METHOD_NAME);
  store<i32>(record, nameLength, METHOD_NAME_BYTES);
  store<u32>(record, load<u32>(bucket), METHOD_BUCKET_NEXT);
  store<u32>(bucket, <u32>record);
  newest = record;
  if (nameLength > prefixLength) namedCount++;
  return record;
}

function bucketOf(cluster: usize, key: u32): usize {
  const mixed = key ^ (key >> 15) ^ <u32>(cluster >> 3);
  return <usize>(mixed & (BUCKETS - 1));
}

/** Counts an answer by its `grpc-status`; without one it does not count. */
export function countStatus(block: usize, status: HeaderEntry | null): void {
  if (status === null) return;
  const value = readStatus(status);
  if (value >= 0) count(block, GRPC_STATUS_0 + value);
  count(block, value == 0 ? GRPC_SUCCESS : GRPC_FAILURE);
  count(block, GRPC_TOTAL);
}

/** The status if it is one that has a counter, as it is written there, or -1. */
function readStatus(entry: HeaderEntry): i32 {
  const length = entry.valueLength;
  if (length < 1 || length > 2) return -1;
  let status: u32 = 0;
  for (let i = 0; i < length; i++) {
    const digit = <u32>load<u8>(entry.value + i) - 48;
    if (digit > 9 || (i == 1 && status == 0)) return -1;
    status = status * 10 + digit;
  }
  return status < <u32>GRPC_STATUS_COUNT ? <i32>status : -1;
}
