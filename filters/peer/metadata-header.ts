/*
 * A workload as the header `x-envoy-peer-metadata` tells of it, which sidecars add: base64 of a
 * `google.protobuf.Struct` with the metadata of their node. Istio `MXMethod`.
 */
import {
  PEER_APP,
  PEER_CLUSTER,
  PEER_IDENTITY,
  PEER_LABELS,
  PEER_NAME,
  PEER_NAMESPACE,
  PEER_REGION,
  PEER_REVISION,
  PEER_SERVICE,
  PEER_VERSION,
  PEER_WORKLOAD,
  PEER_ZONE,
} from "../../api/engine/peer/peer-image.ts";
import { decodeBase64, isBase64Whole } from "../grpc/base64.ts";
import { equalBytes } from "../memory/bytes.ts";
import { allocate } from "../memory/slab.ts";
import { TEXT_ROW_BYTES, indexOfText, staticText, staticTexts } from "../memory/text.ts";
import { clearPeer, hasPeerText, isPeerKnown, setPeerLabel, setPeerText } from "./peer.ts";
import { fieldBytes, fieldLength, fieldNumber, readField } from "./protobuf.ts";
import { setTypeOfOwner } from "./workload-type.ts";

/** A header that is longer tells nothing. */
const METADATA_BYTES_MAX: i32 = 16384;
/** Entries of a map; one with more tells nothing. */
const ENTRIES_MAX: i32 = 256;

/* Fields of Struct, of an entry of its map, and of Value. */
const STRUCT_FIELDS: i32 = 1;
const ENTRY_KEY: i32 = 1;
const ENTRY_VALUE: i32 = 2;
const VALUE_STRING: i32 = 3;
const VALUE_STRUCT: i32 = 5;

const KEYS = staticTexts([
  "NAME",
  "NAMESPACE",
  "CLUSTER_ID",
  "IDENTITY",
  "REGION",
  "AVAILABILITY_ZONE",
  "WORKLOAD_NAME",
  "OWNER",
  "LABELS",
]);
const KEY_COUNT: i32 = 9;
const WORKLOAD_KEY: i32 = 6;
const OWNER_KEY: i32 = 7;
const LABELS_KEY: i32 = 8;
/** What those before the owner are about. */
const FIELDS: i32[] = [
  PEER_NAME,
  PEER_NAMESPACE,
  PEER_CLUSTER,
  PEER_IDENTITY,
  PEER_REGION,
  PEER_ZONE,
  PEER_WORKLOAD,
];

const LABELS = staticTexts([
  "service.istio.io/canonical-name",
  "service.istio.io/canonical-revision",
  "app.kubernetes.io/name",
  "app.kubernetes.io/version",
  "app",
  "version",
]);
const LABEL_COUNT: i32 = 6;
/** From here on labels count where those before say nothing. */
const PLAIN_LABEL: i32 = 4;
const LABEL_FIELDS: i32[] = [
  PEER_SERVICE,
  PEER_REVISION,
  PEER_APP,
  PEER_VERSION,
  PEER_APP,
  PEER_VERSION,
];

const PADDING = staticText("=");

/** Where a header is decoded to, from the first one on; and how far that is: see base64.ts. */
let decoded: usize = 0;
const place: usize = memory.data(8);

/** Names of labels that are kept besides: rows relative to an image. */
let image: usize = 0;
let labels: usize = 0;
let labelCount: i32 = 0;

let owner: usize = 0;
let ownerLength: i32 = 0;
let workloadLength: i32 = 0;

/**
 * Finds out what a header tells of a workload. Returns whether it tells anything.
 *
 * @param config Address of the filter's record, in the image at `base`.
 */
export function readMetadata(header: usize, length: i32, base: usize, config: usize): bool {
  clearPeer();
  if (length > METADATA_BYTES_MAX) return false;
  const size = decode(header, length);
  if (size < 0) return false;
  image = base;
  labels = base + <usize>load<u32>(config, PEER_LABELS);
  labelCount = load<i32>(config, PEER_LABELS + 4);
  ownerLength = 0;
  workloadLength = 0;
  if (!readStruct(decoded, size, false)) return false;
  setTypeOfOwner(owner, ownerLength, workloadLength);
  return isPeerKnown();
}

/** Padding may be left out. Returns the number of bytes, or -1. */
function decode(header: usize, length: i32): i32 {
  if (decoded == 0) decoded = allocate(<usize>METADATA_BYTES_MAX);
  store<u64>(place, 0);
  let size = decodeBase64(place, header, length, decoded);
  while (size >= 0 && !isBase64Whole(place)) {
    const more = decodeBase64(place, PADDING, 1, decoded + <usize>size);
    size = more < 0 ? -1 : size + more;
  }
  return size;
}

/** Reads the entries of a map: those of the whole, or labels. Returns false for what is none. */
function readStruct(bytes: usize, length: i32, isLabels: bool): bool {
  const end = bytes + <usize>length;
  let count = 0;
  for (let at = bytes; at < end; ) {
    at = readField(at, end);
    if (at == 0) return false;
    if (fieldNumber != STRUCT_FIELDS || fieldLength < 0) continue;
    if (++count > ENTRIES_MAX) return false;
    if (!readEntry(fieldBytes, fieldLength, isLabels)) return false;
  }
  return true;
}

function readEntry(bytes: usize, length: i32, isLabels: bool): bool {
  const end = bytes + <usize>length;
  let key: usize = 0;
  let keyLength = 0;
  let value: usize = 0;
  let valueLength = 0;
  for (let at = bytes; at < end; ) {
    at = readField(at, end);
    if (at == 0) return false;
    if (fieldLength < 0) continue;
    if (fieldNumber == ENTRY_KEY) {
      key = fieldBytes;
      keyLength = fieldLength;
    } else if (fieldNumber == ENTRY_VALUE) {
      value = fieldBytes;
      valueLength = fieldLength;
    }
  }
  return readValue(key, keyLength, value, valueLength, isLabels);
}

/** Texts, and the map of labels, are all that counts. */
function readValue(
  key: usize,
  keyLength: i32,
  value: usize,
  valueLength: i32,
  isLabels: bool,
): bool {
  const end = value + <usize>valueLength;
  for (let at = value; at < end; ) {
    at = readField(at, end);
    if (at == 0) return false;
    if (fieldLength < 0) continue;
    if (fieldNumber == VALUE_STRING) {
      if (isLabels) takeLabel(key, keyLength, fieldBytes, fieldLength);
      else takeText(key, keyLength, fieldBytes, fieldLength);
    } else if (fieldNumber == VALUE_STRUCT && !isLabels) {
      if (indexOfText(KEYS, KEY_COUNT, key, keyLength) != LABELS_KEY) continue;
      if (!readStruct(fieldBytes, fieldLength, true)) return false;
    }
  }
  return true;
}

function takeText(key: usize, keyLength: i32, text: usize, length: i32): void {
  const found = indexOfText(KEYS, KEY_COUNT, key, keyLength);
  if (found == OWNER_KEY) {
    owner = text;
    ownerLength = length;
  } else if (found >= 0 && found < OWNER_KEY) {
    setPeerText(FIELDS[found], text, length);
    if (found == WORKLOAD_KEY) workloadLength = length;
  }
}

function takeLabel(key: usize, keyLength: i32, text: usize, length: i32): void {
  const known = indexOfText(LABELS, LABEL_COUNT, key, keyLength);
  if (known >= 0) {
    const field = LABEL_FIELDS[known];
    if (known < PLAIN_LABEL || !hasPeerText(field)) setPeerText(field, text, length);
    return;
  }
  for (let i = 0; i < labelCount; i++) {
    const row = labels + <usize>i * TEXT_ROW_BYTES;
    if (load<i32>(row, 4) != keyLength) continue;
    if (equalBytes(image + <usize>load<u32>(row), key, keyLength)) setPeerLabel(i, text, length);
  }
}
