import net from "node:net";
import { readChunks } from "./plain-request.ts";

/** A response as a careful client reads it. */
export interface PlainResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** What came back on one connection. */
export interface Exchange {
  /** All of it. */
  readonly text: string;
  readonly responses: readonly PlainResponse[];
  /** What is behind the last whole response. */
  readonly rest: string;
  /** Whether the proxy closed the connection. */
  readonly isClosed: boolean;
}

/** How the bytes of a request are sent. */
export type Sending = "at once" | "byte by byte";

/**
 * Sends raw bytes and reads until the proxy closes the connection, or has given `wanted` final
 * responses and leaves it open.
 */
export async function exchange(
  port: number,
  text: string,
  sending: Sending,
  wanted: number,
): Promise<Exchange> {
  const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
  let received = "";
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.on("data", (bytes) => {
    received += bytes.toString("latin1");
    const { responses } = readResponses(received);
    const isEnough = responses.filter(({ status }) => status >= 200).length >= wanted;
    // One that says that it closes will: wait for it.
    if (isEnough && responses.at(-1)?.headers.get("connection") !== "close") resolve(false);
  });
  socket.on("end", () => resolve(true));
  // Closed while we were still sending: what came before counts.
  socket.on("error", () => resolve(true));
  await send(socket, Buffer.from(text, "latin1"), sending);
  const isClosed = await promise;
  socket.destroy();
  return { text: received, ...readResponses(received), isClosed };
}

async function send(socket: net.Socket, bytes: Buffer, sending: Sending): Promise<void> {
  const step = sending === "at once" ? bytes.length : 1;
  for (let at = 0; at < bytes.length && socket.writable; at += step) {
    socket.write(bytes.subarray(at, at + step));
    const { promise, resolve } = Promise.withResolvers<void>();
    setImmediate(resolve);
    await promise;
  }
}

function readResponses(text: string): { responses: PlainResponse[]; rest: string } {
  const responses: PlainResponse[] = [];
  let rest = text;
  while (true) {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) return { responses, rest };
    const [start, ...lines] = rest.slice(0, end).split("\r\n");
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(start)?.[1]);
    const headers = new Map(
      lines.map((line): [string, string] => {
        const colon = line.indexOf(": ");
        return [line.slice(0, colon), line.slice(colon + 2)];
      }),
    );
    const behind = rest.slice(end + 4);
    const body = readBody(headers, behind);
    if (body === null) return { responses, rest };
    responses.push({ status, headers, body: body.body });
    rest = behind.slice(body.length);
  }
}

function readBody(
  headers: ReadonlyMap<string, string>,
  text: string,
): { body: string; length: number } | null {
  if (headers.get("transfer-encoding") === "chunked") return readChunks(text);
  const length = Number(headers.get("content-length") ?? 0);
  return text.length < length ? null : { body: text.slice(0, length), length };
}
