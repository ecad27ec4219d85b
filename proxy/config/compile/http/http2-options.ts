import type { Http2ProtocolOptions } from "../../../../api/gen/envoy/config/core/v3/protocol_pb.js";
import * as http2 from "../../../../api/engine/http2.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import type { KeepaliveModel } from "../../model.ts";
import { toMs } from "../duration.ts";

const TABLE_BYTES = 4096;
/** Streams at a time when no limit is given: Envoy's. */
export const STREAMS_MAX = 1024;
/**
 * Windows that nobody has configured. What a peer may send we may have to keep, so they begin
 * smaller than Envoy's and grow to them where a peer makes use of it.
 */
const STREAM_WINDOW_BYTES = 256 * 1024;
const STREAM_WINDOW_BYTES_MAX = 16 * 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 1024 * 1024;
const CONNECTION_WINDOW_BYTES_MAX = 24 * 1024 * 1024;
const OUTBOUND_FRAMES = 10_000;
const OUTBOUND_CONTROL_FRAMES = 1000;
const EMPTY_FRAMES = 1;
const PRIORITY_FRAMES = 100;
const WINDOW_UPDATES = 10;
const JITTER_PERCENT = 15;

/** Limits of the heads that a peer may send. */
export interface HeadLimits {
  readonly bytes: number;
  readonly count: number;
}

/** Writes an `H2_OPTION_*` record at `record`, with Envoy's defaults for what is not set. */
export function writeHttp2Options(
  writer: ImageWriter,
  record: number,
  options: Http2ProtocolOptions | undefined,
  limits: HeadLimits,
): void {
  const set = (offset: number, value: number): void => writer.setUint32(record + offset, value);
  set(http2.H2_OPTION_TABLE_BYTES, options?.hpackTableSize ?? TABLE_BYTES);
  set(http2.H2_OPTION_STREAMS_MAX, options?.maxConcurrentStreams ?? STREAMS_MAX);
  const { initialStreamWindowSize: ofStream, initialConnectionWindowSize: ofConnection } =
    options ?? {};
  set(http2.H2_OPTION_STREAM_WINDOW, ofStream ?? STREAM_WINDOW_BYTES);
  set(http2.H2_OPTION_STREAM_WINDOW_MAX, ofStream ?? STREAM_WINDOW_BYTES_MAX);
  set(http2.H2_OPTION_CONNECTION_WINDOW, ofConnection ?? CONNECTION_WINDOW_BYTES);
  set(http2.H2_OPTION_CONNECTION_WINDOW_MAX, ofConnection ?? CONNECTION_WINDOW_BYTES_MAX);
  set(http2.H2_OPTION_FLAGS, flagsOf(options));
  set(http2.H2_OPTION_OUTBOUND_FRAMES_MAX, options?.maxOutboundFrames ?? OUTBOUND_FRAMES);
  const control = options?.maxOutboundControlFrames ?? OUTBOUND_CONTROL_FRAMES;
  set(http2.H2_OPTION_OUTBOUND_CONTROL_FRAMES_MAX, control);
  const empty = options?.maxConsecutiveInboundFramesWithEmptyPayload ?? EMPTY_FRAMES;
  set(http2.H2_OPTION_EMPTY_FRAMES_MAX, empty);
  const priority = options?.maxInboundPriorityFramesPerStream ?? PRIORITY_FRAMES;
  set(http2.H2_OPTION_PRIORITY_FRAMES_PER_STREAM, priority);
  const updates = options?.maxInboundWindowUpdateFramesPerDataFrameSent ?? WINDOW_UPDATES;
  set(http2.H2_OPTION_WINDOW_UPDATES_PER_DATA_FRAME, updates);
  set(http2.H2_OPTION_HEAD_BYTES_MAX, limits.bytes);
  set(http2.H2_OPTION_HEADER_COUNT_MAX, limits.count);
}

/** When PING is sent, or null where it never is. */
export function keepaliveOf(options: Http2ProtocolOptions | undefined): KeepaliveModel | null {
  const keepalive = options?.connectionKeepalive;
  if (keepalive === undefined) return null;
  return {
    intervalMs: toMs(keepalive.interval, 0),
    timeoutMs: toMs(keepalive.timeout, 0),
    jitterRatio: (keepalive.intervalJitter?.value ?? JITTER_PERCENT) / 100,
    idleIntervalMs: toMs(keepalive.connectionIdleInterval, 0),
  };
}

function flagsOf(options: Http2ProtocolOptions | undefined): number {
  const isStreamError =
    options?.overrideStreamErrorOnInvalidHttpMessage ??
    options?.streamErrorOnInvalidHttpMessaging ??
    false;
  const connect = options?.allowConnect === true ? http2.H2_OPTION_FLAG_CONNECT : 0;
  return connect | (isStreamError ? http2.H2_OPTION_FLAG_STREAM_ERRORS : 0);
}
