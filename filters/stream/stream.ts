/*
 * One request with its response. Records are pooled with their header blocks, so that a request
 * allocates nothing. The first fields are read by TypeScript at the offsets in api/engine/layout.
 */
import {
  STREAM_CLUSTER,
  STREAM_DOWNSTREAM,
  STREAM_DURATION_MAX_MS,
  STREAM_FILTER_STATE,
  STREAM_IDLE_TIMEOUT_MS,
  STREAM_RANDOM,
  STREAM_RESPONSE_FLAGS,
  STREAM_ROUTE,
  STREAM_SLOT,
  STREAM_STATE,
  STREAM_STATUS,
  STREAM_TIMEOUT_MS,
  STREAM_TRY_DURATION_MAX_MS,
  STREAM_TRY_TIMEOUT_MS,
  STREAM_UPSTREAM,
} from "../../api/engine/layout.ts";
import { REQUEST_PSEUDO, RESPONSE_PSEUDO } from "../http1/start-line.ts";
import { HeaderBlock, clearBlock, createBlock, trimBlock } from "../head/block.ts";
import { allocate } from "../memory/slab.ts";
import { releaseState } from "../filter-state/filter-state.ts";
import { releaseFacts, retainFacts } from "./facts.ts";

/** A stream record. Made by `openStream`, given back by `closeStream`. */
@unmanaged
export class Stream {
  slot: u32;
  /** `STATE_*` bits. */
  state: i32;
  /** Index of the cluster in the image, or -1. */
  cluster: i32;
  timeoutMs: i32;
  idleTimeoutMs: i32;
  durationMaxMs: i32;
  responseFlags: u64;
  /** Status sent downstream; 0 until the response begins. */
  status: i32;
  /** Address of the matched route record, or 0. */
  route: usize;
  /** Address of the downstream connection record. */
  downstream: usize;
  /** Address of the upstream connection record, or 0. */
  upstream: usize;
  random: u64;
  tryTimeoutMs: i32;
  tryDurationMaxMs: i32;
  /** First entry of the filter state, or 0. */
  filterState: usize;

  // From here on only the engine reads.
  request: HeaderBlock;
  response: HeaderBlock;
  /** Trailers of the request and of the response, or 0; they belong to the readers. */
  requestTrailers: usize;
  responseTrailers: usize;
  /** Address where the engine image begins. Its records and texts outlive the stream. */
  image: usize;
  /** Address of the HttpConnectionManager record. */
  hcm: usize;
  /** Address of the virtual host record, or 0. */
  virtualHost: usize;
  /** Address of the record of the chosen cluster in the image, or 0. */
  clusterRecord: usize;
  /** Weighted entry that was chosen, or 0: its header mutations apply too. */
  weighted: usize;
  /** Response code details: text with its length. Envoy RESPONSE_CODE_DETAILS. */
  details: usize;
  detailsLength: i32;
  /** `ip:port` of the upstream endpoint, or length 0. */
  upstreamHost: usize;
  upstreamHostLength: i32;
  /** `ip:port` of our end of the upstream connection, or length 0. */
  upstreamLocal: usize;
  upstreamLocalLength: i32;
  /** Text on why connecting failed, or length 0. */
  failureReason: usize;
  failureReasonLength: i32;
  /** Why the connection was closed, or length 0. Envoy CONNECTION_TERMINATION_DETAILS. */
  endDetails: usize;
  endDetailsLength: i32;
  /** HTTP version of the request: 10, 11 or 20; -1 in TCP. */
  version: i32;
  requestFraming: i32;
  /** `FRAMING_*` of the response on the downstream wire. */
  responseFraming: i32;
  attemptCount: i32;
  redirectCount: i32;
  pathRewrites: i32;
  /** Body bytes, as Envoy counts BYTES_RECEIVED and BYTES_SENT. */
  bytesReceived: u64;
  bytesSent: u64;
  /** Wire bytes with heads and framing. */
  downstreamWireReceived: u64;
  downstreamWireSent: u64;
  upstreamWireReceived: u64;
  upstreamWireSent: u64;
  requestHeadBytes: i32;
  responseHeadBytes: i32;
  /** Moments in milliseconds of the worker's monotonic clock; 0 when not reached. */
  startMs: f64;
  requestEndMs: f64;
  upstreamStartMs: f64;
  upstreamSentMs: f64;
  upstreamFirstMs: f64;
  upstreamLastMs: f64;
  responseStartMs: f64;
  responseEndMs: f64;
  /** Body of a reply made here, or length 0. The bytes outlive the stream. */
  replyBody: usize;
  replyBodyLength: i32;
  /** Status of a reply made here before anything changed it. */
  replyStatus: i32;
  /** gRPC status of such a reply, or 0 where the status decides. */
  replyGrpcStatus: i32;
  /** Path before a rewrite, or length 0. */
  originalPath: usize;
  originalPathLength: i32;
  /** Address text of the trusted client: the peer, or what X-Forwarded-For says of it. */
  client: usize;
  clientLength: i32;
  next: usize;
  /** Configured hostname of the upstream endpoint, or length 0. Envoy UPSTREAM_HOST_NAME. */
  hostName: usize;
  hostNameLength: i32;
  /** Bytes of headers, without start line and empty line: sent upstream, and received there. */
  upstreamHeadSent: i32;
  upstreamHeadReceived: i32;
  /** The same of the request head as it was received. */
  requestFieldBytes: i32;
  /** The body so far, where it is kept: a block or 0, and how much of it is used. */
  kept: usize;
  keptLength: i32;
  keptBytesMax: i32;
  /** What the upstream of the last attempt speaks: 11, 20, or -1 for no HTTP. */
  upstreamVersion: i32;
  /** First stream that mirrors this one, or 0. */
  mirrors: usize;
  /** Of a mirror: the stream that it mirrors while that runs, and the next of its mirrors. */
  mirrored: usize;
  nextMirror: usize;
  /** Redirects that led to the request, newest first: {u32 next, u32 from, u32 to}, of routes. */
  followed: usize;
  /** Number of the connection of the last attempt, or 0 when that got none. */
  upstreamId: u32;
  /** What TLS tells of the connection of the last attempt: a block of tls-facts, or 0. */
  upstreamFacts: usize;
  /** Settings of grpc_stats, or 0 where it does not look, and where it counts, or 0. */
  grpcConfig: usize;
  grpcStats: usize;
  /** Where both directions are in their messages, and how many began. */
  requestFrameLeft: u32;
  requestFrameSeen: u32;
  responseFrameLeft: u32;
  responseFrameSeen: u32;
  requestMessages: u32;
  responseMessages: u32;
  /** `Web.*` bits of a gRPC-Web request, and where it counts, or 0. */
  grpcWeb: i32;
  grpcWebStats: usize;
  /** Where both directions are in base64: bits, and how many characters or bytes they are of. */
  requestBits: u32;
  requestBitsCount: u32;
  responseBits: u32;
  responseBitsCount: u32;
  /** Where the response is in its messages, as it is encoded. */
  webFrameLeft: u32;
  webFrameSeen: i32;
  /** Body of an answer without gRPC, to become a message. */
  held: usize;
  heldLength: i32;
  /** Its status, while it waits for its body. */
  heldStatus: i32;
  /** Nonce of the WebSocket key that was made for the last attempt, or 0. */
  nonceHigh: u64;
  nonceLow: u64;
  /** Which headers of peer_metadata the request had: bits of filters/chain/peer-metadata.ts. */
  peerHeaders: i32;
}

let freeStreams: usize = 0;
let slots: u32 = 0;

/** Fails the start of the module when a field moved away from its shared offset. */
export function checkStreamLayout(): void {
  const isSame =
    offsetof<Stream>("slot") == STREAM_SLOT &&
    offsetof<Stream>("state") == STREAM_STATE &&
    offsetof<Stream>("cluster") == STREAM_CLUSTER &&
    offsetof<Stream>("timeoutMs") == STREAM_TIMEOUT_MS &&
    offsetof<Stream>("idleTimeoutMs") == STREAM_IDLE_TIMEOUT_MS &&
    offsetof<Stream>("durationMaxMs") == STREAM_DURATION_MAX_MS &&
    offsetof<Stream>("responseFlags") == STREAM_RESPONSE_FLAGS &&
    offsetof<Stream>("status") == STREAM_STATUS &&
    offsetof<Stream>("route") == STREAM_ROUTE &&
    offsetof<Stream>("downstream") == STREAM_DOWNSTREAM &&
    offsetof<Stream>("upstream") == STREAM_UPSTREAM &&
    offsetof<Stream>("random") == STREAM_RANDOM &&
    offsetof<Stream>("tryTimeoutMs") == STREAM_TRY_TIMEOUT_MS &&
    offsetof<Stream>("tryDurationMaxMs") == STREAM_TRY_DURATION_MAX_MS &&
    offsetof<Stream>("filterState") == STREAM_FILTER_STATE;
  if (!isSame) unreachable();
}

/** Takes a stream from the pool, with empty blocks and all numbers 0. */
export function openStream(): Stream {
  if (freeStreams == 0) freeStreams = changetype<usize>(createStream());
  const stream = changetype<Stream>(freeStreams);
  freeStreams = stream.next;
  const slot = stream.slot;
  const request = stream.request;
  const response = stream.response;
  memory.fill(changetype<usize>(stream), 0, offsetof<Stream>());
  stream.slot = slot;
  stream.request = request;
  stream.response = response;
  stream.cluster = -1;
  clearBlock(request, REQUEST_PSEUDO);
  clearBlock(response, RESPONSE_PSEUDO);
  return stream;
}

function createStream(): Stream {
  const stream = changetype<Stream>(allocate(offsetof<Stream>()));
  stream.slot = slots++;
  stream.next = 0;
  stream.request = createBlock();
  stream.response = createBlock();
  return stream;
}

/** Has the access log tell of the TLS of another connection, or of none. Hot. */
export function keepUpstreamFacts(stream: Stream, facts: usize): void {
  if (stream.upstreamFacts == facts) return;
  retainFacts(facts);
  releaseFacts(stream.upstreamFacts);
  stream.upstreamFacts = facts;
}

/** Gives a stream back to the pool. Its texts are gone when the record is used again. */
export function closeStream(stream: Stream): void {
  if (stream.filterState != 0) {
    releaseState(stream.filterState);
    stream.filterState = 0;
  }
  trimBlock(stream.request);
  trimBlock(stream.response);
  releaseFacts(stream.upstreamFacts);
  stream.next = freeStreams;
  freeStreams = changetype<usize>(stream);
}
