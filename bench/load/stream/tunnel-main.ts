// What a ztunnel sends to a waypoint: a few connections of HTTP/2 in mutual TLS, on each of them
// CONNECT streams that stay, and in each stream one request of HTTP/1.1 after another.
// Options as JSON in, the result as a line of JSON out.
import type { ClientHttp2Session } from "node:http2";
import { type LoopOptions, type LoopResult, sumResults } from "../closed-loop.ts";
import { renderHead } from "../request.ts";
import { ResponseReader } from "../response-reader.ts";
import { connectHbone, openTunnel } from "./hbone.ts";

const options: LoopOptions = JSON.parse(process.argv[2]);
const { port, paths, connectionCount, streamCount, tlsFolder } = options;
const head = Buffer.from(renderHead(options, paths[0], port));
const deadlineMs = performance.now() + options.durationMs;
const connections = Array.from({ length: connectionCount }, runConnection);
const total = sumResults((await Promise.all(connections)).flat());
process.stdout.write(`${JSON.stringify(total)}\n`);

async function runConnection(): Promise<LoopResult[]> {
  const session = connectHbone(port, tlsFolder);
  session.on("error", () => {}); // Its streams fail with it, and count that.
  const results = await Promise.all(
    Array.from({ length: streamCount }, () => runTunnel(session).catch(() => FAILED)),
  );
  session.destroy();
  return results;
}

const FAILED: LoopResult = { completedCount: 0, failedCount: 1 };

async function runTunnel(session: ClientHttp2Session): Promise<LoopResult> {
  const stream = await openTunnel(session);
  const reader = new ResponseReader();
  return new Promise((resolve) => {
    let completedCount = 0;
    let failedCount = 0;
    let isUnderWay = false;
    const next = () => {
      isUnderWay = performance.now() < deadlineMs;
      if (isUnderWay) stream.write(head);
      else stream.close();
    };
    stream.on("data", (bytes: Buffer) => {
      if (reader.receive(bytes) === 0) return;
      if (reader.status === 200) completedCount += 1;
      else failedCount += 1;
      next();
    });
    stream.on("error", () => {}); // "close" follows, and counts it.
    stream.once("close", () => resolve({ completedCount, failedCount: failedCount + +isUnderWay }));
    next();
  });
}
