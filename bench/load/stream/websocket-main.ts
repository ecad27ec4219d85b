// WebSockets that say something and wait until it has come back. The backend echoes bytes, and
// proxies do not look into frames either, so what comes back is as masked as what was sent.
// Options as JSON in, the result as a line of JSON out.
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { type LoopOptions, type LoopResult, sumResults } from "../closed-loop.ts";

const options: LoopOptions = JSON.parse(process.argv[2]);
const { port, paths, connectionCount, bodyBytes } = options;
const deadlineMs = performance.now() + options.durationMs;
const frame = renderFrame(bodyBytes);
const results = await Promise.all(Array.from({ length: connectionCount }, work));
process.stdout.write(`${JSON.stringify(sumResults(results))}\n`);

/** One connection; a broken one, or one that is not upgraded, counts as a failure. */
function work(): Promise<LoopResult> {
  return new Promise((resolve) => {
    let completedCount = 0;
    let isUnderWay = true;
    let head: string | null = "";
    let missingBytes = 0;
    const next = () => {
      isUnderWay = performance.now() < deadlineMs;
      missingBytes = frame.length;
      if (isUnderWay) socket.write(frame);
      else socket.destroy();
    };
    const receive = (length: number, buffer: Uint8Array) => {
      if (head !== null) {
        head += Buffer.from(buffer.buffer, 0, length).toString("latin1");
        if (!head.endsWith("\r\n\r\n")) return true;
        const isUpgraded = head.startsWith("HTTP/1.1 101 ");
        head = null;
        if (isUpgraded) next();
        else socket.destroy();
        return true;
      }
      missingBytes -= length;
      if (missingBytes > 0) return true;
      completedCount += 1;
      next();
      return true;
    };
    const socket = connect({
      ...{ host: "127.0.0.1", port, noDelay: true },
      onread: { buffer: new Uint8Array(16_384), callback: receive },
    });
    socket.once("connect", () => socket.write(renderUpgrade()));
    socket.on("error", () => {}); // "close" follows, and counts it.
    socket.once("close", () => resolve({ completedCount, failedCount: +isUnderWay }));
  });
}

/** RFC 6455 §4.1. */
function renderUpgrade(): string {
  const key = randomBytes(16).toString("base64");
  return `GET ${paths[0]} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\n\
Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`;
}

/** One masked binary message of less than 126 bytes (RFC 6455 §5.2), with a key of zeros. */
function renderFrame(bytes: number): Buffer {
  const head = Buffer.of(0x82, 0x80 | bytes, 0, 0, 0, 0);
  return Buffer.concat([head, Buffer.alloc(bytes, "x")]);
}
