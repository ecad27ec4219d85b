// Large bodies, up or down: a closed loop that starts no request after the deadline but lets the
// last ones finish, so that every byte it counts was carried and none was left out.
// Options as JSON in, the result as a line of JSON out.
import { connect, type Socket } from "node:net";
import { type LoopOptions, type LoopResult, sumResults } from "./closed-loop.ts";
import { renderHead } from "./request.ts";
import { ResponseReader } from "./response-reader.ts";

const CHUNK = Buffer.alloc(262_144, "x");

const options: LoopOptions = JSON.parse(process.argv[2]);
const head = renderHead(options, options.paths[0], options.port);
const deadlineMs = performance.now() + options.durationMs;
const workers = Array.from({ length: options.connectionCount }, work);
const total = sumResults(await Promise.all(workers));
process.stdout.write(`${JSON.stringify(total)}\n`);

/** One connection, one request after another; a broken connection ends it. */
function work(): Promise<LoopResult> {
  return new Promise((resolve) => {
    const reader = new ResponseReader();
    let completedCount = 0;
    let failedCount = 0;
    let isUnderWay = false;
    const next = () => {
      isUnderWay = performance.now() < deadlineMs;
      if (!isUnderWay) return socket.destroy();
      socket.write(head, "latin1");
      upload(socket, options.bodyBytes);
    };
    const receive = (length: number, buffer: Uint8Array) => {
      if (reader.receive(Buffer.from(buffer.buffer, 0, length)) === 0) return true;
      if (reader.status === 200) completedCount += 1;
      else failedCount += 1;
      next();
      return true;
    };
    const socket = connect({
      ...{ host: "127.0.0.1", port: options.port, noDelay: true },
      onread: { buffer: new Uint8Array(262_144), callback: receive },
    });
    socket.once("connect", next);
    socket.on("error", () => {}); // "close" follows, and counts it.
    socket.once("close", () => {
      if (isUnderWay || completedCount === 0) failedCount += 1;
      resolve({ completedCount, failedCount });
    });
  });
}

/** Writes a body of `bytesLeft` bytes as fast as the socket takes it. */
function upload(socket: Socket, bytesLeft: number): void {
  let left = bytesLeft;
  while (left > 0) {
    const chunk = left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK;
    left -= chunk.length;
    if (socket.write(chunk) || left === 0) continue;
    const rest = left;
    socket.once("drain", () => upload(socket, rest));
    return;
  }
}
