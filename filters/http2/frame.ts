/*
 * The nine bytes that start every frame. RFC 9113 §4.1.
 *
 *   | length 24 | type 8 | flags 8 | reserved 1, stream 31 |
 */

/** Length of the fixed frame header, in bytes. */
export const FRAME_HEADER_BYTES: i32 = 9;
/** Greatest payload that we take and send: what every peer takes (§4.2). */
export const FRAME_PAYLOAD_BYTES_MAX: i32 = 16384;

/** Length of the payload of the frame that begins at `frame`. */
// @ts-ignore: decorator
@inline
export function payloadLength(frame: usize): i32 {
  return <i32>(bswap<u32>(load<u32>(frame)) >> 8);
}

/** Type of a frame: `FRAME_*`. */
// @ts-ignore: decorator
@inline
export function frameType(frame: usize): i32 {
  return <i32>load<u8>(frame, 3);
}

/** Flags of a frame. */
// @ts-ignore: decorator
@inline
export function frameFlags(frame: usize): i32 {
  return <i32>load<u8>(frame, 4);
}

/** Stream of a frame; the reserved bit is dropped. */
// @ts-ignore: decorator
@inline
export function frameStream(frame: usize): u32 {
  return readUint31(frame + 5);
}

/** A number of 31 bits, whatever the bit before it is. */
// @ts-ignore: decorator
@inline
export function readUint31(at: usize): u32 {
  return bswap<u32>(load<u32>(at)) & 0x7fffffff;
}

/** Writes a number of 32 bits. */
// @ts-ignore: decorator
@inline
export function writeUint32(at: usize, value: u32): void {
  store<u32>(at, bswap<u32>(value));
}

/** Writes a frame header. Returns where the payload begins. */
export function writeFrameHeader(
  target: usize,
  length: i32,
  type: i32,
  flags: i32,
  stream: u32,
): usize {
  store<u32>(target, bswap<u32>((<u32>length << 8) | <u32>type));
  store<u8>(target, <u8>flags, 4);
  writeUint32(target + 5, stream);
  return target + FRAME_HEADER_BYTES;
}
