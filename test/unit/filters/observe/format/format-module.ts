import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../../..", import.meta.url));
const FOLDERS = ["filters", "api/engine"];

/** What the module under test is: formats, access logs, local replies, and what drives them. */
const ENTRY = `
import { setNow } from "./filters/hcm/clock";
import { buildNames, internName } from "./filters/head/names";
import { HeaderBlock, addHeader, createBlock, entryAt, setPseudo } from "./filters/head/block";
import { logStream } from "./filters/observe/access-log";
import { passesFilter } from "./filters/observe/access-log-filter";
import { runFormat, setWallOffset } from "./filters/observe/format/format";
import { mapLocalReply } from "./filters/observe/local-reply-map";
import { Connection } from "./filters/stream/connection";
import { Stream, closeStream, openStream } from "./filters/stream/stream";

export { allocate, release, bytesInUse } from "./filters/memory/slab";
export { formatOutput } from "./filters/observe/format/format-output";
export { setZone } from "./filters/observe/format/format-time";
export {
  logPendingBytes, logSinkAddress, logSinkClear, logSinkDropped, logSinkLength, logSinkLines,
} from "./filters/observe/access-log";

export function start(): void {
  buildNames();
}

export function clock(nowMs: f64, wallOffsetMs: f64): void {
  setNow(nowMs);
  setWallOffset(wallOffsetMs);
}

export function open(image: usize, hcm: usize, connection: usize): usize {
  const stream = openStream();
  stream.image = image;
  stream.hcm = hcm;
  stream.downstream = connection;
  memory.fill(connection, 0, offsetof<Connection>());
  return changetype<usize>(stream);
}

export function close(stream: usize): void {
  closeStream(changetype<Stream>(stream));
}

function blockOf(stream: usize, which: i32): HeaderBlock {
  const record = changetype<Stream>(stream);
  if (which == 0) return record.request;
  if (which == 1) return record.response;
  if (record.responseTrailers == 0) record.responseTrailers = changetype<usize>(createBlock());
  return changetype<HeaderBlock>(record.responseTrailers);
}

export function put(
  stream: usize, which: i32, name: usize, nameLength: i32, value: usize, valueLength: i32,
): void {
  const block = blockOf(stream, which);
  addHeader(block, internName(name, nameLength), name, nameLength, value, valueLength);
}

export function putPseudo(
  stream: usize, which: i32, place: i32, id: i32, value: usize, length: i32,
): void {
  setPseudo(blockOf(stream, which), place, <u16>id, value, length);
}

/** Writes the response block as lines, name and value parted by a space. Returns the length. */
export function dump(stream: usize, target: usize): i32 {
  const block = changetype<Stream>(stream).response;
  const begin = target;
  for (let i = 0; i < block.count; i++) {
    const entry = entryAt(block, i);
    if (entry.nameLength == 0) continue;
    memory.copy(target, entry.name, entry.nameLength);
    target += entry.nameLength;
    store<u8>(target++, 32);
    memory.copy(target, entry.value, entry.valueLength);
    target += entry.valueLength;
    store<u8>(target++, 10);
  }
  return <i32>(target - begin);
}

export function run(program: usize, stream: usize): i32 {
  return runFormat(program, changetype<Stream>(stream));
}

export function passes(filter: usize, stream: usize): bool {
  return passesFilter(filter, changetype<Stream>(stream));
}

export function log(stream: usize): void {
  logStream(changetype<Stream>(stream));
}

export function mapReply(stream: usize): void {
  mapLocalReply(changetype<Stream>(stream));
}

@inline
function streamOffset(field: i32): i32 {
  switch (field) {
    case 0: return offsetof<Stream>("startMs");
    case 1: return offsetof<Stream>("requestEndMs");
    case 2: return offsetof<Stream>("upstreamStartMs");
    case 3: return offsetof<Stream>("upstreamSentMs");
    case 4: return offsetof<Stream>("upstreamFirstMs");
    case 5: return offsetof<Stream>("upstreamLastMs");
    case 6: return offsetof<Stream>("responseStartMs");
    case 7: return offsetof<Stream>("responseEndMs");
    case 8: return offsetof<Stream>("bytesReceived");
    case 9: return offsetof<Stream>("bytesSent");
    case 10: return offsetof<Stream>("downstreamWireReceived");
    case 11: return offsetof<Stream>("downstreamWireSent");
    case 12: return offsetof<Stream>("upstreamWireReceived");
    case 13: return offsetof<Stream>("upstreamWireSent");
    case 14: return offsetof<Stream>("responseFlags");
    case 15: return offsetof<Stream>("status");
    case 16: return offsetof<Stream>("state");
    case 17: return offsetof<Stream>("version");
    case 18: return offsetof<Stream>("attemptCount");
    case 19: return offsetof<Stream>("requestHeadBytes");
    case 20: return offsetof<Stream>("responseHeadBytes");
    case 21: return offsetof<Stream>("upstreamHeadSent");
    case 22: return offsetof<Stream>("upstreamHeadReceived");
    case 23: return offsetof<Stream>("route");
    case 24: return offsetof<Stream>("clusterRecord");
    case 25: return offsetof<Stream>("requestFieldBytes");
    case 26: return offsetof<Stream>("upstreamId");
    case 27: return offsetof<Stream>("virtualHost");
    case 30: return offsetof<Stream>("details");
    case 31: return offsetof<Stream>("upstreamHost");
    case 32: return offsetof<Stream>("upstreamLocal");
    case 33: return offsetof<Stream>("failureReason");
    case 34: return offsetof<Stream>("replyBody");
    case 35: return offsetof<Stream>("client");
    case 36: return offsetof<Stream>("hostName");
    default: return -1;
  }
}

/** Offsets of the fields of a stream or, from 40 on, of a connection. */
export function offsetOf(field: i32): i32 {
  switch (field) {
    case 40: return offsetof<Connection>("remoteIp");
    case 41: return offsetof<Connection>("remote");
    case 42: return offsetof<Connection>("local");
    case 43: return offsetof<Connection>("id");
    default: return streamOffset(field);
  }
}

export function connectionBytes(): i32 {
  return offsetof<Connection>();
}
`;

/** The exports of the module under test. */
export interface FormatExports {
  readonly memory: WebAssembly.Memory;
  start(): void;
  allocate(size: number): number;
  release(block: number): void;
  bytesInUse(): number;
  clock(nowMs: number, wallOffsetMs: number): void;
  setZone(offsetSeconds: number): void;
  connectionBytes(): number;
  open(image: number, hcm: number, connection: number): number;
  close(stream: number): void;
  put(
    stream: number,
    which: number,
    name: number,
    nameLength: number,
    value: number,
    valueLength: number,
  ): void;
  putPseudo(
    stream: number,
    which: number,
    place: number,
    id: number,
    value: number,
    length: number,
  ): void;
  dump(stream: number, target: number): number;
  run(program: number, stream: number): number;
  formatOutput(): number;
  passes(filter: number, stream: number): number;
  log(stream: number): void;
  mapReply(stream: number): void;
  logPendingBytes(): number;
  logSinkAddress(sink: number): number;
  logSinkLength(sink: number): number;
  logSinkLines(sink: number): number;
  logSinkDropped(sink: number): number;
  logSinkClear(sink: number): void;
  offsetOf(field: number): number;
}

/** Compiles the module under test, unless `build/` has it already, and instantiates it. */
export async function openFormatModule(): Promise<FormatExports> {
  const module = await WebAssembly.compile(Uint8Array.from(await readModule()));
  const imports = { env: { abort() {} } };
  const { exports } = await WebAssembly.instantiate<FormatExports>(module, imports);
  exports.start();
  return exports;
}

async function readModule(): Promise<Uint8Array> {
  const hash = createHash("sha256").update(ENTRY);
  for (const folder of FOLDERS) {
    const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
    for (const name of names.filter((name) => name.endsWith(".ts")).sort()) {
      hash.update(name).update(readFileSync(join(ROOT, folder, name)));
    }
  }
  const path = join(ROOT, "build", `test-format-${hash.digest("hex").slice(0, 16)}.wasm`);
  if (!existsSync(path)) {
    mkdirSync(join(ROOT, "build"), { recursive: true });
    writeFileSync(path, await compileModule());
  }
  return readFileSync(path);
}

async function compileModule(): Promise<Uint8Array> {
  // It awaits at its top level, which mocha cannot require.
  const { default: asc } = await import("assemblyscript/asc");
  const entry = "format-under-test.ts";
  let binary: Uint8Array | undefined;
  const options = ["--runtime", "stub", "-O1", "--enable", "simd", "--initialMemory", "1024"];
  const { error, stderr } = await asc.main(
    [entry, "--baseDir", ROOT, "--outFile", "format.wasm", "--config", "none", ...options],
    {
      readFile(name, baseDir) {
        if (name === entry) return ENTRY;
        const path = join(baseDir, name);
        return existsSync(path) ? readFileSync(path, "utf8") : null;
      },
      writeFile(name, contents) {
        if (name.endsWith(".wasm") && typeof contents !== "string") binary = contents;
      },
    },
  );
  if (error !== null || binary === undefined) throw new Error(`asc: ${stderr}`, { cause: error });
  return binary;
}
