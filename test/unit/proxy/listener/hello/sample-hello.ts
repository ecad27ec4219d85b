/** What a ClientHello for a test has in it. */
export interface HelloSketch {
  readonly version?: number;
  readonly serverName?: string;
  readonly protocols?: readonly string[];
  /** Further extensions: types and contents. */
  readonly extensions?: readonly (readonly [type: number, content: readonly number[]])[];
  readonly ciphers?: readonly number[];
  readonly session?: readonly number[];
  readonly compression?: readonly number[];
  readonly hasExtensions?: boolean;
}

/** Writes a number big-endian. */
export function bytesOf(value: number, size: number): number[] {
  return Array.from({ length: size }, (_, place) => (value >>> (8 * (size - 1 - place))) & 255);
}

/** Writes a vector with its length in front. */
export function vector(content: readonly number[], lengthSize: number): number[] {
  return [...bytesOf(content.length, lengthSize), ...content];
}

/** The body of a ClientHello (RFC 8446 §4.1.2). */
export function helloBody(sketch: HelloSketch = {}): number[] {
  const { version = 0x0303, serverName, protocols, extensions = [] } = sketch;
  const { ciphers = [0x1301, 0x1302], session = [], compression = [0] } = sketch;
  const all: (readonly [number, readonly number[]])[] = [];
  if (serverName !== undefined) {
    const name = [0, ...vector([...Buffer.from(serverName, "latin1")], 2)];
    all.push([0, vector(name, 2)]);
  }
  if (protocols !== undefined) {
    const names = protocols.flatMap((name) => vector([...Buffer.from(name, "latin1")], 1));
    all.push([16, vector(names, 2)]);
  }
  all.push(...extensions);
  const block = all.flatMap(([type, content]) => [...bytesOf(type, 2), ...vector(content, 2)]);
  return [
    ...bytesOf(version, 2),
    ...new Array<number>(32).fill(7),
    ...vector(session, 1),
    ...vector(
      ciphers.flatMap((cipher) => bytesOf(cipher, 2)),
      2,
    ),
    ...vector(compression, 1),
    ...(sketch.hasExtensions === false ? [] : vector(block, 2)),
  ];
}

/** The same as a handshake message. */
export function helloMessage(body: readonly number[]): number[] {
  return [1, ...vector(body, 3)];
}

/** A message in records of so many bytes. */
export function records(message: readonly number[], fragmentBytes = 16_384): Uint8Array {
  const out: number[] = [];
  for (let at = 0; at < message.length; at += fragmentBytes) {
    out.push(22, 3, 1, ...vector(message.slice(at, at + fragmentBytes), 2));
  }
  return Uint8Array.from(out);
}

/** A whole ClientHello as it is sent. */
export function helloBytes(sketch: HelloSketch = {}): Uint8Array {
  return records(helloMessage(helloBody(sketch)));
}
