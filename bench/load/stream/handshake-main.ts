// TLS handshakes, one after the other on a few connections at a time: full ones, or ones that take
// up the session of the one before. Each connection carries one request, whose answer tells that
// the proxy is done; BoringSSL sends no ticket without one.
// Options as JSON in, the result as a line of JSON out.
import { connect } from "node:tls";
import { TLS_CIPHER_SUITE } from "../../config/tls-files.ts";
import { type LoopOptions, type LoopResult, sumResults } from "../closed-loop.ts";
import { renderHead } from "../request.ts";
import { ResponseReader } from "../response-reader.ts";

const TIMEOUT_MS = 2000;

interface Handshake {
  /** To offer next, which is the old one where no new ticket came; `null` after a failure. */
  readonly session: Buffer | null;
  readonly isAnswered: boolean;
  readonly isResumed: boolean;
}

const options: LoopOptions = JSON.parse(process.argv[2]);
const { port, connectionCount, durationMs } = options;
const head = renderHead(options, options.paths[0], port);
const resumes = options.program === "resumption";
const deadlineMs = performance.now() + durationMs;
const results = await Promise.all(Array.from({ length: connectionCount }, work));
process.stdout.write(`${JSON.stringify(sumResults(results))}\n`);

async function work(): Promise<LoopResult> {
  let completedCount = 0;
  let failedCount = 0;
  let session: Buffer | null = null;
  while (performance.now() < deadlineMs) {
    const offered: Buffer | null = resumes ? session : null;
    const handshake = await shake(offered);
    session = handshake.session;
    // The first one only brings the session.
    if (resumes && offered === null && session !== null) continue;
    if (handshake.isAnswered && handshake.isResumed === resumes) completedCount += 1;
    else failedCount += 1;
  }
  return { completedCount, failedCount };
}

function shake(offered: Buffer | null): Promise<Handshake> {
  return new Promise((resolve) => {
    const reader = new ResponseReader();
    let session = offered;
    let isAnswered = false;
    let isResumed = false;
    const endWhenDone = () => {
      if (isAnswered && (session !== null || !resumes)) socket.end();
    };
    const socket = connect({
      ...{ host: "127.0.0.1", port, rejectUnauthorized: false, minVersion: "TLSv1.3" },
      ...{ ciphers: TLS_CIPHER_SUITE, ALPNProtocols: ["http/1.1"] },
      ...(offered === null ? {} : { session: offered }),
    });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
    socket.once("secureConnect", () => {
      isResumed = socket.isSessionReused();
    });
    socket.once("session", (ticket) => {
      session = ticket;
      endWhenDone();
    });
    socket.on("data", (bytes: Buffer) => {
      if (reader.receive(bytes) === 0) return;
      isAnswered = reader.status === 200;
      if (isAnswered) endWhenDone();
      else socket.destroy();
    });
    socket.write(head);
    socket.on("error", () => {}); // "close" follows.
    socket.once("close", () =>
      resolve({ session: isAnswered ? session : null, isAnswered, isResumed }),
    );
  });
}
