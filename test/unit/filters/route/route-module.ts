import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const FOLDERS = ["filters", "api/engine"];

/** What the module under test is: routing, and the least that it takes to drive it. */
/** The guest that counts what it looks at, so that tests see what a lookup costs. */
const COUNTED = "filters/route/candidates.ts";

const ENTRY = `
import { buildNames, internName } from "./filters/head/names";
import { HeaderBlock, addHeader, entryAt, setPseudo } from "./filters/head/block";
import { copyBytes } from "./filters/memory/bytes";
import { Stream, closeStream, openStream } from "./filters/stream/stream";
import { selectRoute } from "./filters/route/select";
import { finishRequestHeaders, finishResponseHeaders } from "./filters/route/finish";
import { dropRetryHeaders, settleTimeouts } from "./filters/route/request-timeout";
import { checkStrictHeaders } from "./filters/route/strict-headers";

export { allocate, release, bytesInUse } from "./filters/memory/slab";
import { visitedCandidates } from "./${COUNTED}";

export { visitedCandidates };

export function start(): void {
  buildNames();
}

export function open(image: usize, hcm: usize, random: u64): usize {
  const stream = openStream();
  stream.image = image;
  stream.hcm = hcm;
  stream.random = random;
  stream.requestHeadBytes = 1;
  return changetype<usize>(stream);
}

export function close(stream: usize): void {
  closeStream(changetype<Stream>(stream));
}

function blockOf(stream: usize, isResponse: bool): HeaderBlock {
  const record = changetype<Stream>(stream);
  return isResponse ? record.response : record.request;
}

export function put(
  stream: usize,
  isResponse: bool,
  name: usize,
  nameLength: i32,
  value: usize,
  valueLength: i32,
): void {
  const block = blockOf(stream, isResponse);
  addHeader(block, internName(name, nameLength), name, nameLength, value, valueLength);
}

export function putPseudo(
  stream: usize,
  isResponse: bool,
  place: i32,
  id: i32,
  value: usize,
  length: i32,
): void {
  setPseudo(blockOf(stream, isResponse), place, <u16>id, value, length);
}

export function select(stream: usize): i32 {
  return selectRoute(changetype<Stream>(stream));
}

export function settle(stream: usize): void {
  settleTimeouts(changetype<Stream>(stream));
}

export function check(stream: usize): bool {
  return checkStrictHeaders(changetype<Stream>(stream));
}

export function dropRetry(stream: usize): void {
  dropRetryHeaders(changetype<Stream>(stream).request);
}

export function finish(stream: usize, isResponse: bool): void {
  const record = changetype<Stream>(stream);
  if (isResponse) finishResponseHeaders(record);
  else finishRequestHeaders(record);
}

/** Writes the block as lines, name and value parted by a space. Returns the length. */
export function dump(stream: usize, isResponse: bool, target: usize): i32 {
  const block = blockOf(stream, isResponse);
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

/** Offsets of the fields of a stream that have no number that is shared. */
export function offsetOf(field: i32): i32 {
  switch (field) {
    case 0: return offsetof<Stream>("virtualHost");
    case 1: return offsetof<Stream>("weighted");
    case 2: return offsetof<Stream>("details");
    case 3: return offsetof<Stream>("detailsLength");
    case 4: return offsetof<Stream>("replyBody");
    case 5: return offsetof<Stream>("replyBodyLength");
    case 6: return offsetof<Stream>("clusterRecord");
    case 7: return offsetof<Stream>("attemptCount");
    default: return -1;
  }
}
`;

/** The exports of the module under test. */
export interface RouteExports {
  readonly memory: WebAssembly.Memory;
  start(): void;
  allocate(size: number): number;
  release(block: number): void;
  bytesInUse(): number;
  visitedCandidates(): number;
  open(image: number, hcm: number, random: bigint): number;
  close(stream: number): void;
  put(
    stream: number,
    isResponse: number,
    name: number,
    nameLength: number,
    value: number,
    valueLength: number,
  ): void;
  putPseudo(
    stream: number,
    isResponse: number,
    place: number,
    id: number,
    value: number,
    length: number,
  ): void;
  select(stream: number): number;
  settle(stream: number): void;
  check(stream: number): number;
  dropRetry(stream: number): void;
  finish(stream: number, isResponse: number): void;
  dump(stream: number, isResponse: number, target: number): number;
  offsetOf(field: number): number;
}

/** Compiles the module under test, unless `build/` has it already, and instantiates it. */
export async function openRouteModule(): Promise<RouteExports> {
  const module = await WebAssembly.compile(Uint8Array.from(await readModule()));
  const imports = { env: { abort() {} } };
  const { exports } = await WebAssembly.instantiate<RouteExports>(module, imports);
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
  const path = join(ROOT, "build", `test-route-${hash.digest("hex").slice(0, 16)}.wasm`);
  if (!existsSync(path)) {
    mkdirSync(join(ROOT, "build"), { recursive: true });
    writeFileSync(path, await compileModule());
  }
  return readFileSync(path);
}

async function compileModule(): Promise<Uint8Array> {
  // It awaits at its top level, which mocha cannot require.
  const { default: asc } = await import("assemblyscript/asc");
  const entry = "route-under-test.ts";
  let binary: Uint8Array | undefined;
  const options = ["--runtime", "stub", "-O1", "--enable", "simd", "--initialMemory", "1024"];
  const { error, stderr } = await asc.main(
    [entry, "--baseDir", ROOT, "--outFile", "route.wasm", "--config", "none", ...options],
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
