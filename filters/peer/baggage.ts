/*
 * A workload as the header `baggage` (W3C Baggage) tells of it: ztunnels say so with requests and
 * answers of HBONE. Istio `convertBaggageToWorkloadMetadata`.
 */
import {
  PEER_APP,
  PEER_CLUSTER,
  PEER_NAME,
  PEER_NAMESPACE,
  PEER_REGION,
  PEER_REVISION,
  PEER_SERVICE,
  PEER_VERSION,
  PEER_WORKLOAD,
  PEER_ZONE,
} from "../../api/engine/peer/peer-image.ts";
import { indexOfByte } from "../memory/bytes.ts";
import { indexOfText, staticTexts } from "../memory/text.ts";
import { clearPeer, fillPeerText, isPeerKnown, setPeerText } from "./peer.ts";
import { setPeerType } from "./workload-type.ts";

/** A header that is longer tells nothing. W3C Baggage §3.3.2 asks for no more. */
const BAGGAGE_BYTES_MAX: i32 = 8192;

/** The first ones name the workload, in the order of `WORKLOAD_TYPES`. */
const KEYS = staticTexts([
  "k8s.deployment.name",
  "k8s.cronjob.name",
  "k8s.job.name",
  "k8s.pod.name",
  "k8s.namespace.name",
  "k8s.cluster.name",
  "k8s.instance.name",
  "service.name",
  "service.version",
  "app.name",
  "app.version",
  "cloud.region",
  "cloud.availability_zone",
]);
const WORKLOAD_KEYS: i32 = 4;
/** What those behind them are about. */
const FIELDS: i32[] = [
  PEER_NAMESPACE,
  PEER_CLUSTER,
  PEER_NAME,
  PEER_SERVICE,
  PEER_REVISION,
  PEER_APP,
  PEER_VERSION,
  PEER_REGION,
  PEER_ZONE,
];
const KEY_COUNT: i32 = 13;

const COMMA: u8 = 44;
const SEMICOLON: u8 = 59;
const EQUALS: u8 = 61;

/** Finds out what a header tells of a workload. Returns whether it tells anything. */
export function readBaggage(header: usize, length: i32): bool {
  clearPeer();
  if (length > BAGGAGE_BYTES_MAX) return false;
  let at = header;
  const end = header + <usize>length;
  while (at < end) {
    const member = lengthUntil(at, <i32>(end - at), COMMA);
    readMember(at, member);
    at += <usize>member + 1;
  }
  // One is the other where nothing else is said.
  fillPeerText(PEER_APP, PEER_SERVICE);
  fillPeerText(PEER_SERVICE, PEER_APP);
  fillPeerText(PEER_VERSION, PEER_REVISION);
  fillPeerText(PEER_REVISION, PEER_VERSION);
  return isPeerKnown();
}

/** `key = value ; properties`, with white space anywhere. Values are taken as they are. */
function readMember(member: usize, memberLength: i32): void {
  const length = lengthUntil(member, memberLength, SEMICOLON);
  const mark = indexOfByte(member, length, EQUALS);
  if (mark < 0) return;
  const key = skipSpace(member, member + <usize>mark);
  const keyLength = lengthBefore(key, member + <usize>mark);
  const place = indexOfText(KEYS, KEY_COUNT, key, keyLength);
  if (place < 0) return;
  const end = member + <usize>length;
  const value = skipSpace(member + <usize>mark + 1, end);
  const valueLength = lengthBefore(value, end);
  if (place >= WORKLOAD_KEYS) {
    setPeerText(FIELDS[place - WORKLOAD_KEYS], value, valueLength);
    return;
  }
  setPeerText(PEER_WORKLOAD, value, valueLength);
  setPeerType(place);
}

/** Bytes before the first one of a kind, or all. */
function lengthUntil(bytes: usize, length: i32, byte: u8): i32 {
  const at = indexOfByte(bytes, length, byte);
  return at < 0 ? length : at;
}

function skipSpace(from: usize, end: usize): usize {
  let at = from;
  while (at < end && isSpace(load<u8>(at))) at++;
  return at;
}

/** Bytes up to white space before `end`. */
function lengthBefore(from: usize, end: usize): i32 {
  let last = end;
  while (last > from && isSpace(load<u8>(last - 1))) last--;
  return <i32>(last - from);
}

// @ts-ignore: decorator
@inline
function isSpace(byte: u8): bool {
  return byte == 32 || byte == 9;
}
