// Many idle connections: each sends one request, reads the answer and then stays open and silent.
// `node idle-main.ts PORT PATH COUNT` prints a line of JSON when all are idle, and waits to be
// stopped.
import { connect } from "node:net";
import { ResponseReader } from "./response-reader.ts";

/** What is printed when all connections are idle. */
export interface IdleResult {
  /** Connections that had an answer of 200 and are still open. */
  readonly openCount: number;
}

/** How many connections are being opened at the same time. */
const OPENING_COUNT_MAX = 64;

const [portText, path, countText] = process.argv.slice(2);
const port = Number(portText);
const count = Number(countText);
const head = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
let openedCount = 0;
let openCount = 0;

await Promise.all(Array.from({ length: OPENING_COUNT_MAX }, openOneByOne));
const result: IdleResult = { openCount };
process.stdout.write(`${JSON.stringify(result)}\n`);

async function openOneByOne(): Promise<void> {
  while (openedCount < count) {
    openedCount += 1;
    await openIdle();
  }
}

function openIdle(): Promise<void> {
  return new Promise((resolve) => {
    const reader = new ResponseReader();
    const socket = connect({ host: "127.0.0.1", port, noDelay: true }, () => socket.write(head));
    let isIdle = false;
    socket.on("data", (bytes) => {
      if (typeof bytes === "string" || reader.receive(bytes) === 0) return;
      isIdle = reader.status === 200;
      if (isIdle) openCount += 1;
      else socket.destroy();
      resolve();
    });
    socket.on("error", () => {}); // "close" follows.
    socket.once("close", () => {
      if (isIdle) openCount -= 1;
      resolve();
    });
  });
}
