/** A message of gRPC with `bytes` bytes in it: not compressed, and its length in front. */
export function renderGrpcMessage(bytes: number): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes, 1);
  return Buffer.concat([head, Buffer.alloc(bytes, "x")]);
}
