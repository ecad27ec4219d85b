/**
 * What the engine and its driver share: event numbers, flags and the byte offsets of the fields
 * that TypeScript reads in the engine's memory. Untyped constants only, since AssemblyScript reads
 * this file too. All fields are little-endian 32-bit unless said otherwise.
 */

/** Nothing to do; more input is needed. */
export const EVENT_NONE = 0;
/** A request head went through the chain: pick an upstream, then call `attempt`. */
export const EVENT_REQUEST = 1;
/** Output for the upstream connection of the stream. */
export const EVENT_TO_UPSTREAM = 2;
/** Output for the downstream connection. */
export const EVENT_TO_DOWNSTREAM = 3;
/** The connection broke the protocol in a way that has no answer: close it. */
export const EVENT_CLOSE = 4;
/** Bytes of a later request arrived: they are kept, stop reading until the stream is over. */
export const EVENT_HELD = 5;
/** The upstream answered with something malformed, or ended too early. */
export const EVENT_UPSTREAM_FAILED = 6;
/** The chain waits; MAIL_REASON says for what. */
export const EVENT_PAUSED = 7;
/**
 * The upstream's redirect is followed here: the stream is over, another has its request and its
 * place. Call `proceed` on the downstream connection. FLAG_REUSABLE is about the upstream; output,
 * if any, is interim responses.
 */
export const EVENT_REDIRECT = 8;

/** HTTP/2: the peer gave the stream of MAIL_CONNECTION up, or broke its rules. */
export const EVENT_RESET = 9;
/** Of EVENT_RESET upstream, as the error in the mail: the peer gave the stream up. */
export const RESET_BY_PEER = 0;
/** It has not looked at the stream. */
export const RESET_REFUSED = 1;
/** It sent what is no HTTP, and the stream was given up here. */
export const RESET_MALFORMED = 2;
/** HTTP/2: what waited on the stream of MAIL_CONNECTION for the peer's windows is sent. */
export const EVENT_WRITTEN = 10;

/** HTTP/2: the upstream serves no new streams; `isLaneRefused` tells what it has not looked at. */
export const EVENT_GOAWAY = 11;
/** HTTP/2: the upstream's settings came; it allows MAIL_ERROR streams at a time. */
export const EVENT_SETTINGS = 12;

/** The message in the output is complete with it. */
export const FLAG_END = 1;
/**
 * Close the target connection when the output is flushed. With EVENT_TO_UPSTREAM: say there that
 * nothing more will be sent, and go on reading.
 */
export const FLAG_CLOSE = 2;
/** Input is left over: call `proceed` when it can be taken. */
export const FLAG_MORE = 4;
/** The stream is over; its record is gone after this event. */
export const FLAG_COMPLETE = 8;
/** The upstream connection can serve another request. */
export const FLAG_REUSABLE = 16;
/** The request is complete: nothing more will come from downstream for this stream. */
export const FLAG_REQUEST_END = 32;
/** The head of the final response is in this output or went before. */
export const FLAG_RESPONSE_BEGUN = 64;
/** The upstream request is not finished although the response is: close the upstream. */
export const FLAG_ABANDON_UPSTREAM = 128;
/** The route mirrors: call `openMirror` before the request is sent. */
export const FLAG_MIRRORED = 256;
/** With FLAG_CLOSE: request and response are whole, so the peer may lose nothing by the close. */
export const FLAG_CLEAN = 512;
/**
 * With EVENT_REQUEST: it asks to switch protocols. With EVENT_TO_DOWNSTREAM: the upstream has done
 * so, and what was kept of the request may be sent.
 */
export const FLAG_UPGRADED = 1024;
/** With EVENT_REQUEST: the upstream gets the payload alone, on a connection that speaks no HTTP. */
export const FLAG_RAW = 2048;
/** With FLAG_RAW: before that goes a PROXY header of version 1, or of version 2. */
export const FLAG_HEADER_V1 = 4096;
export const FLAG_HEADER_V2 = 8192;

/** Offsets in the mailbox, in bytes. The engine writes them before it returns an event. */
export const MAIL_FLAGS = 0;
export const MAIL_STREAM = 4;
export const MAIL_OUT = 8;
export const MAIL_OUT_BYTES = 12;
export const MAIL_ERROR = 16;
export const MAIL_REASON = 20;
/** Of an HTTP/2 connection: the record of the connection, or of the lane, that the event is of. */
export const MAIL_CONNECTION = 24;
export const MAIL_BYTES = 64;

/** Offsets in a stream record. */
export const STREAM_SLOT = 0;
export const STREAM_STATE = 4;
export const STREAM_CLUSTER = 8;
/** Whole milliseconds; 0 is none. */
export const STREAM_TIMEOUT_MS = 12;
/** Whole milliseconds; 0 is none. */
export const STREAM_IDLE_TIMEOUT_MS = 16;
/** Whole milliseconds; 0 is none. */
export const STREAM_DURATION_MAX_MS = 20;
export const STREAM_RESPONSE_FLAGS = 24;
export const STREAM_RESPONSE_FLAGS_HIGH = 28;
export const STREAM_STATUS = 32;
export const STREAM_ROUTE = 36;
export const STREAM_DOWNSTREAM = 40;
export const STREAM_UPSTREAM = 44;
/** 64-bit hash for consistent hashing and random choices of this stream; low half first. */
export const STREAM_RANDOM = 48;
/** Whole milliseconds that one attempt may take to answer; 0 is none. */
export const STREAM_TRY_TIMEOUT_MS = 56;
/** Whole milliseconds that one attempt may take in all; 0 is none. */
export const STREAM_TRY_DURATION_MAX_MS = 60;

/** Address of the first entry of the filter state, or 0: `state-image.ts`. */
export const STREAM_FILTER_STATE = 64;

/** Value of STREAM_DURATION_MAX_MS: nothing is left, the stream ends at once. */
export const DURATION_OVER = -1;
/** Longest time that fits a field of the stream: 24 days. */
export const TIMEOUT_MS_MAX = 0x7fff_ffff;

/** Bits of STREAM_STATE. */
export const STATE_REQUEST_END = 1;
export const STATE_RESPONSE_BEGUN = 2;
export const STATE_RESPONSE_END = 4;
export const STATE_LOCAL_REPLY = 8;
export const STATE_HEAD_REQUEST = 16;
export const STATE_ATTEMPTED = 32;
export const STATE_CONNECTION_CLOSE = 64;
/** The request is gRPC, and a filter counts its messages. */
export const STATE_GRPC = 128;
export const STATE_INTERNAL = 256;
export const STATE_HEALTH_CHECK = 512;
/** The request begun to reach the upstream (its head is written). */
export const STATE_UPSTREAM_BEGUN = 1024;
/** The request went through the filter chain, so the response does too. */
export const STATE_CHAIN = 2048;
/** What was sent of the body is kept, so that it can be sent again. */
export const STATE_KEEPS_BODY = 4096;
/** Mirrors get what is read of the body, too. */
export const STATE_MIRRORED = 8192;
/** The request is the copy of another's: nobody sees the response. */
export const STATE_MIRROR = 16384;
/** The request comes from an internal redirect, and has not been routed yet. */
export const STATE_REDIRECTED = 32768;
/** A timeout of the upstream is answered with 204. */
export const STATE_TIMEOUT_NO_CONTENT = 65536;
/** Something came from upstream. */
export const STATE_ANSWERED = 131072;
/** A mirror that missed a part of its body, since there was no memory to keep it: give it up. */
export const STATE_STARVED = 262144;
/** The request asks to switch protocols, and may. Its body is what comes when that has happened. */
export const STATE_UPGRADE = 524288;
/** The method is CONNECT. */
export const STATE_CONNECT = 1048576;
/** CONNECT or POST ends here: the upstream gets what is in it, and does not speak HTTP. */
export const STATE_TERMINATES = 2097152;
/** The upstream agreed to the upgrade or CONNECT: bytes go both ways as they come. */
export const STATE_TUNNEL = 4194304;
/** The stream is all that there is of a connection in TCP: nothing downstream is HTTP. */
export const STATE_TCP = 8388608;
/** The response is gRPC, and a filter counts its messages. */
export const STATE_GRPC_RESPONSE = 16777216;
/** The request is gRPC-Web in base64. */
export const STATE_GRPC_WEB_TEXT = 33554432;
/** The body of the response goes to a gRPC-Web client in base64, or into its head. */
export const STATE_GRPC_WEB_BODY = 67108864;

/** Offsets in a connection record. */
export const CONNECTION_ID = 0;
export const CONNECTION_FLAGS = 4;
export const CONNECTION_STREAM = 8;
export const CONNECTION_PENDING_BYTES = 12;
/** Address of the first entry of the filter state, or 0: `state-image.ts`. */
export const CONNECTION_FILTER_STATE = 16;

/** Bits of CONNECTION_FLAGS. */
export const CONNECTION_UPSTREAM = 1;
/** Answer the present request with `Connection: close`. */
export const CONNECTION_DRAINING = 2;
/** No further message may be read. */
export const CONNECTION_CLOSING = 4;
/** The connection is in TLS. */
export const CONNECTION_TLS = 8;
/** The upstream connection served a request before. */
export const CONNECTION_REUSED = 16;
/** A message has begun downstream: its head is not whole yet. */
export const CONNECTION_HEAD_BEGUN = 32;
/** There is no socket: the downstream end of a mirrored request. */
export const CONNECTION_SINK = 64;
/** Downstream in TLS: the peer has a certificate, and it was found to be trusted. */
export const CONNECTION_CERTIFICATE = 128;
export const CONNECTION_CERTIFICATE_VALIDATED = 256;
/** The connection speaks HTTP/2: its streams have records of their own, "lanes". */
export const CONNECTION_HTTP2 = 512;
/** There is no socket: one stream of an HTTP/2 connection. */
export const CONNECTION_LANE = 1024;
/** Of a lane: what comes of the body is kept, and the peer is not asked for more. */
export const CONNECTION_PAUSED = 2048;
/** The connection speaks no HTTP: what is read or written is payload. */
export const CONNECTION_RAW = 4096;

/** Memory of the engine below which nothing is kept for peers that make us wait, in bytes. */
export const SPARE_BYTES_MIN = 16 * 1024 * 1024;
/** Memory of the engine below which no bodies are kept for redirects and mirrors, in bytes. */
export const COPY_SPARE_BYTES_MIN = 64 * 1024 * 1024;
