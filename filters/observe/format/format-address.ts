/* Addresses in formats: whole, without the port, or the port alone. */
import { ADDRESS_ONLY, ADDRESS_PORT, ADDRESS_WHOLE } from "../../../api/engine/format-image.ts";
import { copyBytes, indexOfByte, readDecimal } from "../../memory/bytes.ts";
import { Connection } from "../../stream/connection.ts";
import { Stream } from "../../stream/stream.ts";
import { scratchRoom, setBlank, setNothing, setNumber, setText } from "./format-value.ts";

const COLON: u8 = 58;
const BRACKET_OPEN: u8 = 91;
const BRACKET_CLOSE: u8 = 93;

/** A part of an address text: `1.2.3.4:80`, `[::1]:80`, or the name of a pipe. */
export function setAddress(bytes: usize, length: i32, part: i32): void {
  if (length == 0) {
    setNothing();
    return;
  }
  if (part == ADDRESS_WHOLE) {
    setText(bytes, length);
    return;
  }
  const colon = portColon(bytes, length);
  if (part == ADDRESS_PORT) {
    if (colon < 0) setBlank();
    else setNumber(readDecimal(bytes + colon + 1, length - colon - 1));
    return;
  }
  if (colon < 0) setText(bytes, length);
  else if (load<u8>(bytes) == BRACKET_OPEN) setText(bytes + 1, colon - 2);
  else setText(bytes, colon);
}

/** Offset of the colon before the port, or -1 for what is no IP address with a port. */
function portColon(bytes: usize, length: i32): i32 {
  if (load<u8>(bytes) - 48 > 9 && load<u8>(bytes) != BRACKET_OPEN) return -1;
  let at = length - 1;
  while (at > 0 && load<u8>(bytes + at) - 48 <= 9) at--;
  return at > 0 && load<u8>(bytes + at) == COLON ? at : -1;
}

/**
 * The client: the peer, or who X-Forwarded-For says it is. The latter has port 0, as in Envoy.
 */
export function setClient(stream: Stream, part: i32): void {
  const connection = changetype<Connection>(stream.downstream);
  if (stream.clientLength == 0 || stream.client == connection.remoteIp) {
    setAddress(connection.remote, connection.remoteLength, part);
    return;
  }
  if (part == ADDRESS_ONLY) setText(stream.client, stream.clientLength);
  else if (part == ADDRESS_PORT) setNumber(0);
  else setWithPort(stream.client, stream.clientLength);
}

function setWithPort(bytes: usize, length: i32): void {
  const room = scratchRoom(length + 4);
  const isV6 = indexOfByte(bytes, length, COLON) >= 0;
  let at = room;
  if (isV6) store<u8>(at++, BRACKET_OPEN);
  copyBytes(at, bytes, length);
  at += <usize>length;
  if (isV6) store<u8>(at++, BRACKET_CLOSE);
  store<u8>(at, COLON);
  store<u8>(at, 48, 1);
  setText(room, <i32>(at + 2 - room));
}

/** The name of the endpoint, or its address. */
export function setHostName(stream: Stream, part: i32): void {
  if (stream.hostNameLength == 0) {
    setAddress(stream.upstreamHost, stream.upstreamHostLength, part);
    return;
  }
  const colon = part == ADDRESS_ONLY ? lastColon(stream.hostName, stream.hostNameLength) : -1;
  setText(stream.hostName, colon < 0 ? stream.hostNameLength : colon);
}

/** Offset of the colon before the digits at the end, or -1. */
function lastColon(bytes: usize, length: i32): i32 {
  let at = length - 1;
  while (at > 0 && load<u8>(bytes + at) - 48 <= 9) at--;
  return at > 0 && at < length - 1 && load<u8>(bytes + at) == COLON ? at : -1;
}
