// Many idle connections: each sends one request, reads the answer and then stays open and silent.
// Options as JSON in; a line of JSON out when all are idle, and then it waits to be stopped.
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Downstream } from "../config/configuration.ts";
import { ResponseReader } from "./response-reader.ts";

/** Against 127.0.0.1. */
export interface IdleOptions {
  readonly port: number;
  readonly path: string;
  readonly downstream: Downstream;
  readonly connectionCount: number;
}

/** What is printed when all connections are idle. */
export interface IdleResult {
  /** Connections that had an answer of 200 and are still open. */
  readonly openCount: number;
}

/** How many connections are being opened at the same time. */
const OPENING_COUNT_MAX = 64;

const options: IdleOptions = JSON.parse(process.argv[2]);
const { port, path, downstream, connectionCount } = options;
const place = { host: "127.0.0.1", port, noDelay: true };
const head = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
let openedCount = 0;
let openCount = 0;

await Promise.all(Array.from({ length: OPENING_COUNT_MAX }, openOneByOne));
const result: IdleResult = { openCount };
process.stdout.write(`${JSON.stringify(result)}\n`);

async function openOneByOne(): Promise<void> {
  while (openedCount < connectionCount) {
    openedCount += 1;
    if (downstream === "h2c") await openHttp2();
    else await openHttp1(downstream === "http1" ? connect(place) : openTls());
  }
}

function openTls(): Socket {
  return connectTls({ ...place, rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] });
}

function openHttp1(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const reader = new ResponseReader();
    let isIdle = false;
    socket.write(head);
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

function openHttp2(): Promise<void> {
  return new Promise((resolve) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    let isIdle = false;
    session.on("error", () => {}); // "close" follows.
    session.once("close", () => {
      if (isIdle) openCount -= 1;
      resolve();
    });
    const stream = session.request({ ":path": path });
    stream.once("response", (headers) => {
      isIdle = headers[":status"] === 200;
    });
    stream.on("error", () => {}); // The session closes, too.
    stream.once("end", () => {
      if (isIdle) openCount += 1;
      else session.destroy();
      resolve();
    });
    stream.resume();
  });
}
