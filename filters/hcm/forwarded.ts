/*
 * Who the client is: X-Forwarded-For and X-Forwarded-Proto, and whether the request is internal,
 * by the trust rules of Envoy's `use_remote_address` and `xff_num_trusted_hops`.
 */
import {
  H_X_ENVOY_DECORATOR_OPERATION,
  H_X_ENVOY_DOWNSTREAM_SERVICE_CLUSTER,
  H_X_ENVOY_DOWNSTREAM_SERVICE_NODE,
  H_X_ENVOY_EXPECTED_RQ_TIMEOUT_MS,
  H_X_ENVOY_EXTERNAL_ADDRESS,
  H_X_ENVOY_FORCE_TRACE,
  H_X_ENVOY_HEDGE_ON_PER_TRY_TIMEOUT,
  H_X_ENVOY_INTERNAL,
  H_X_ENVOY_IP_TAGS,
  H_X_ENVOY_MAX_RETRIES,
  H_X_ENVOY_ORIGINAL_HOST,
  H_X_ENVOY_ORIGINAL_PATH,
  H_X_ENVOY_ORIGINAL_URL,
  H_X_ENVOY_RETRIABLE_HEADER_NAMES,
  H_X_ENVOY_RETRIABLE_STATUS_CODES,
  H_X_ENVOY_RETRY_GRPC_ON,
  H_X_ENVOY_RETRY_ON,
  H_X_ENVOY_UPSTREAM_ALT_STAT_NAME,
  H_X_ENVOY_UPSTREAM_RQ_PER_TRY_TIMEOUT_MS,
  H_X_ENVOY_UPSTREAM_RQ_TIMEOUT_ALT_RESPONSE,
  H_X_ENVOY_UPSTREAM_RQ_TIMEOUT_MS,
  H_X_ENVOY_UPSTREAM_STREAM_DURATION_MS,
  H_X_FORWARDED_CLIENT_CERT,
  H_X_FORWARDED_FOR,
  H_X_FORWARDED_PROTO,
} from "../../api/engine/header-names.ts";
import {
  FORWARD_CERTIFICATE_ALWAYS,
  FORWARD_CERTIFICATE_APPEND,
  FORWARD_CERTIFICATE_FORWARD_ONLY,
  FORWARD_CERTIFICATE_SANITIZE,
  HCM_FLAGS,
  HCM_FORWARD_CERTIFICATE,
  HCM_SKIP_XFF_APPEND,
  HCM_TLS,
  HCM_UNIX_SOCKETS_INTERNAL,
  HCM_USE_REMOTE_ADDRESS,
  HCM_XFF_TRUSTED_HOPS,
  IMAGE_LOCAL_ADDRESS,
} from "../../api/engine/image.ts";
import { CONNECTION_CERTIFICATE, STATE_INTERNAL } from "../../api/engine/layout.ts";
import { FACT_BYTES, FACT_FORWARDED_CERTIFICATE } from "../../api/engine/tls/tls-facts.ts";
import {
  HeaderBlock,
  addKnown,
  mayHave,
  removeKnown,
  reserveArena,
  setKnown,
} from "../head/block.ts";
import { staticText } from "../memory/text.ts";
import { removeInternalOnly } from "../route/finish.ts";
import { Connection } from "../stream/connection.ts";
import { Stream } from "../stream/stream.ts";
import { V6_TEXT_BYTES, isInternalAddress, isLoopback, versionOf, writeV6 } from "./address.ts";
import { appendToList, joinLines } from "./list-header.ts";

const HTTP = staticText("http");
const HTTPS = staticText("https");
const TRUE = staticText("true");

let found: usize = 0;
let foundLength: i32 = 0;

/** Sets the forwarding headers. Returns true for an edge request: external and seen first here. */
export function establishClient(stream: Stream, connection: Connection): bool {
  const block = stream.request;
  const flags = load<i32>(stream.hcm, HCM_FLAGS);
  const hops = load<i32>(stream.hcm, HCM_XFF_TRUSTED_HOPS);
  const usesRemote = (flags & HCM_USE_REMOTE_ADDRESS) != 0;
  removeKnown(block, H_X_ENVOY_INTERNAL);
  setFound(0, 0);
  let mayTrust = false;
  if (usesRemote) {
    mayTrust = !mayHave(block, H_X_FORWARDED_FOR);
    if (hops > 0) findForwarded(block, hops - 1);
    if (found == 0) setFound(connection.remoteIp, connection.remoteIpLength);
    if ((flags & HCM_SKIP_XFF_APPEND) == 0) appendForwarded(stream, connection);
    if (hops == 0 || !mayHave(block, H_X_FORWARDED_PROTO)) {
      const isTls = (flags & HCM_TLS) != 0;
      setKnown(block, H_X_FORWARDED_PROTO, isTls ? HTTPS : HTTP, isTls ? 5 : 4);
    }
  } else {
    mayTrust = findForwarded(block, hops);
  }
  const isInternal = mayTrust && isInternalClient(stream, flags);
  if (found == 0) setFound(connection.remoteIp, connection.remoteIpLength);
  stream.client = found;
  stream.clientLength = foundLength;
  const isEdge = usesRemote && !isInternal;
  if (isInternal) {
    stream.state |= STATE_INTERNAL;
    addKnown(block, H_X_ENVOY_INTERNAL, TRUE, 4);
  } else {
    cleanExternal(block, isEdge);
    removeInternalOnly(stream);
    if (isEdge && foundLength > 0) {
      setKnown(block, H_X_ENVOY_EXTERNAL_ADDRESS, found, foundLength);
    }
  }
  forwardCertificate(stream, connection);
  return isEdge;
}

/** Whether what was found is internal. A peer at a Unix socket has no IP address. */
function isInternalClient(stream: Stream, flags: i32): bool {
  if (foundLength == 0) return (flags & HCM_UNIX_SOCKETS_INTERNAL) != 0;
  return isInternalAddress(stream, found, foundLength);
}

/** Envoy `mutateXfccRequestHeader`: what the peer, or who was before it, said of a certificate. */
function forwardCertificate(stream: Stream, connection: Connection): void {
  const block = stream.request;
  const mode = load<i32>(stream.hcm, HCM_FORWARD_CERTIFICATE);
  if (mode == FORWARD_CERTIFICATE_ALWAYS) return;
  const hasCertificate = (connection.flags & CONNECTION_CERTIFICATE) != 0;
  if (mode == FORWARD_CERTIFICATE_FORWARD_ONLY && hasCertificate) return;
  if (mode == FORWARD_CERTIFICATE_SANITIZE || !hasCertificate || connection.facts == 0) {
    removeKnown(block, H_X_FORWARDED_CLIENT_CERT);
    return;
  }
  const entry = connection.facts + FACT_FORWARDED_CERTIFICATE * FACT_BYTES;
  const element = connection.facts + <usize>load<u32>(entry);
  const length = load<i32>(entry, 4);
  if (mode == FORWARD_CERTIFICATE_APPEND) {
    appendToList(block, H_X_FORWARDED_CLIENT_CERT, element, length, 1);
  } else setKnown(block, H_X_FORWARDED_CLIENT_CERT, element, length);
}

function setFound(address: usize, length: i32): void {
  found = address;
  foundLength = length;
}

/**
 * Finds the address that stands `skip` places from the right of X-Forwarded-For. Returns true when
 * it is the only one there, which is what makes trust possible.
 */
function findForwarded(block: HeaderBlock, skip: i32): bool {
  const entry = joinLines(block, H_X_FORWARDED_FOR);
  if (entry === null) return false;
  let end = entry.valueLength;
  for (; skip > 0; skip--) {
    while (end > 0 && load<u8>(entry.value + end - 1) != 44) end--;
    if (end == 0) return false;
    end--;
  }
  let from = end;
  while (from > 0 && load<u8>(entry.value + from - 1) != 44) from--;
  const isOnly = from == 0 && end == entry.valueLength;
  while (from < end && load<u8>(entry.value + from) == 32) from++;
  while (end > from && load<u8>(entry.value + end - 1) == 32) end--;
  const version = versionOf(entry.value + from, end - from);
  if (version == 0) return false;
  if (version == 4) setFound(entry.value + from, end - from);
  else {
    // One address has many texts; Envoy writes its own.
    const text = reserveArena(block, V6_TEXT_BYTES);
    setFound(text, writeV6(text));
  }
  return isOnly;
}

/** A loopback peer is written as this machine's own address, as Envoy does. */
function appendForwarded(stream: Stream, connection: Connection): void {
  let address = connection.remoteIp;
  let length = connection.remoteIpLength;
  if (isLoopback(address, length) && load<i32>(stream.image, IMAGE_LOCAL_ADDRESS + 4) > 0) {
    address = stream.image + <usize>load<u32>(stream.image, IMAGE_LOCAL_ADDRESS);
    length = load<i32>(stream.image, IMAGE_LOCAL_ADDRESS + 4);
  }
  if (length > 0) appendToList(stream.request, H_X_FORWARDED_FOR, address, length, 1);
}

/** Headers with which only internal peers may steer the proxy. Envoy `cleanInternalHeaders`. */
function cleanExternal(block: HeaderBlock, isEdge: bool): void {
  if (isEdge) {
    removeKnown(block, H_X_ENVOY_DECORATOR_OPERATION);
    removeKnown(block, H_X_ENVOY_DOWNSTREAM_SERVICE_CLUSTER);
    removeKnown(block, H_X_ENVOY_DOWNSTREAM_SERVICE_NODE);
    removeKnown(block, H_X_ENVOY_ORIGINAL_PATH);
    removeKnown(block, H_X_ENVOY_ORIGINAL_HOST);
  }
  removeKnown(block, H_X_ENVOY_MAX_RETRIES);
  removeKnown(block, H_X_ENVOY_RETRY_ON);
  removeKnown(block, H_X_ENVOY_RETRY_GRPC_ON);
  removeKnown(block, H_X_ENVOY_HEDGE_ON_PER_TRY_TIMEOUT);
  removeKnown(block, H_X_ENVOY_UPSTREAM_ALT_STAT_NAME);
  removeKnown(block, H_X_ENVOY_UPSTREAM_RQ_TIMEOUT_MS);
  removeKnown(block, H_X_ENVOY_UPSTREAM_RQ_PER_TRY_TIMEOUT_MS);
  removeKnown(block, H_X_ENVOY_UPSTREAM_RQ_TIMEOUT_ALT_RESPONSE);
  removeKnown(block, H_X_ENVOY_EXPECTED_RQ_TIMEOUT_MS);
  removeKnown(block, H_X_ENVOY_FORCE_TRACE);
  removeKnown(block, H_X_ENVOY_IP_TAGS);
  removeKnown(block, H_X_ENVOY_ORIGINAL_URL);
  removeKnown(block, H_X_ENVOY_UPSTREAM_STREAM_DURATION_MS);
  removeKnown(block, H_X_ENVOY_RETRIABLE_STATUS_CODES);
  removeKnown(block, H_X_ENVOY_RETRIABLE_HEADER_NAMES);
}
