/* What the codec knows about one direction of one connection between two calls. */
import { HeaderBlock, releaseBlock } from "../head/block.ts";
import { allocate, release } from "../memory/slab.ts";

/** The state of one direction of one connection. */
@unmanaged
export class Reader {
  phase: i32;
  /** `READER_*` bits. */
  flags: i32;
  /** Where the head being read began at the last call. */
  base: usize;
  /** Offset of the first line that is not parsed yet. */
  lineStart: i32;
  /** Offset up to which no line end was found. */
  scanned: i32;
  /** Greatest head, in bytes. Envoy `max_request_headers_kb`. */
  headBytesMax: i32;
  /** Greatest number of headers. Envoy `max_headers_count`. */
  headerCountMax: i32;
  /** The block that receives the head. Set by the owner before a message begins. */
  block: HeaderBlock;
  /** Trailers of the last message, until the next begins; null when it had none. */
  trailers: HeaderBlock | null;
  headBytes: i32;
  /** Bytes of the headers, each with a colon and a line end: what Envoy counts of a head. */
  fieldBytes: i32;
  framing: i32;
  /** 10 or 11; 20 for a message of HTTP/2. */
  version: i32;
  status: i32;
  error: i32;
  /** -1 when the head gives none. */
  contentLength: i64;
  /** Bytes to come of the body or of the chunk. */
  remaining: i64;
  chunkDigits: i32;
  chunkLineBytes: i32;
  extensionBytes: i64;
  /** How many bytes of the last input are used up. */
  consumed: i32;
  /** The piece found by the last call that returned READ_DATA. */
  data: usize;
  dataLength: i32;
  hostCount: i32;
  /** Headers that the Connection fields name. */
  namedCount: i32;
  transferEncoding: i32;
}

/** Makes a reader with no limits set. */
export function createReader(flags: i32): Reader {
  const reader = changetype<Reader>(allocate(offsetof<Reader>()));
  memory.fill(changetype<usize>(reader), 0, offsetof<Reader>());
  reader.flags = flags;
  return reader;
}

/** Gives back a reader; its block belongs to the owner. */
export function releaseReader(reader: Reader): void {
  dropTrailers(reader);
  release(changetype<usize>(reader));
}

/** Gives back the trailers of the last message, when it had some. */
export function dropTrailers(reader: Reader): void {
  const trailers = reader.trailers;
  if (trailers !== null) releaseBlock(trailers);
  reader.trailers = null;
}
