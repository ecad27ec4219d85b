// gRPC streams of both directions: each sends a message and waits until it has come back. In the
// end each is closed, and counts as failed without the trailers of success.
// Options as JSON in, the result as a line of JSON out.
import { type ClientHttp2Session, connect } from "node:http2";
import { renderGrpcMessage } from "../../backend/grpc-message.ts";
import { type LoopOptions, type LoopResult, sumResults } from "../closed-loop.ts";

const options: LoopOptions = JSON.parse(process.argv[2]);
const { port, paths, connectionCount, streamCount, bodyBytes, headers } = options;
const deadlineMs = performance.now() + options.durationMs;
const message = renderGrpcMessage(bodyBytes);
const connections = Array.from({ length: connectionCount }, runConnection);
const total = sumResults((await Promise.all(connections)).flat());
process.stdout.write(`${JSON.stringify(total)}\n`);

async function runConnection(): Promise<LoopResult[]> {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on("error", () => {}); // Its streams fail with it, and count that.
  const results = await Promise.all(Array.from({ length: streamCount }, () => runStream(session)));
  session.destroy();
  return results;
}

function runStream(session: ClientHttp2Session): Promise<LoopResult> {
  return new Promise((resolve) => {
    let completedCount = 0;
    let missingBytes = 0;
    let isDone = false;
    const stream = session.request({ ":method": "POST", ":path": paths[0], ...headers });
    const next = () => {
      missingBytes = message.length;
      if (performance.now() < deadlineMs) stream.write(message);
      else stream.end();
    };
    stream.on("data", (bytes: Buffer) => {
      missingBytes -= bytes.length;
      if (missingBytes > 0) return;
      completedCount += 1;
      next();
    });
    stream.once("trailers", (trailers) => {
      isDone = trailers["grpc-status"] === "0";
    });
    stream.on("error", () => {}); // "close" follows, and counts it.
    stream.once("close", () => resolve({ completedCount, failedCount: isDone ? 0 : 1 }));
    next();
  });
}
