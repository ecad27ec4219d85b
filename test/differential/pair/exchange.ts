import net from "node:net";
import { headerOf, readResponse, type SeenResponse } from "./message.ts";

/** What a client sends on one connection, and what it waits for. */
export interface Exchange {
  /** Bytes as latin-1 text; each piece is sent when the one before was answered. */
  readonly pieces: readonly string[];
  /** True to send each piece when the backend has acted on the one before. */
  readonly isPaced?: boolean;
  /** How long to wait at most, in milliseconds. Default: PATIENCE_MS. */
  readonly patienceMs?: number;
  /** Methods of the requests that are answered, in order. Default: one that is not HEAD. */
  readonly methods?: readonly string[];
  /** False when the connection cannot take another request afterwards. */
  readonly isProbed?: boolean;
  /** How many requests to wait for at the backend, where more come than are answered. */
  readonly seenCount?: number;
  /** True to send FIN behind the last piece. */
  readonly isHalfClosed?: boolean;
}

/** What came of it. */
export interface Outcome {
  readonly interims: readonly SeenResponse[];
  readonly responses: readonly SeenResponse[];
  /** Whether the connection took another request afterwards; `silent` when time was up. */
  readonly fate: "open" | "closed" | "silent" | "not asked";
}

/** Longer than every timeout in the configurations under test. */
export const PATIENCE_MS = 2500;
/** Path of the request that finds out whether a connection is still open. */
export const PROBE_TARGET = "/probe";
const PROBE = `GET ${PROBE_TARGET} HTTP/1.1\r\nhost: probe.test\r\n\r\n`;

/**
 * Sends an exchange to a port of this machine and collects what comes back. `untilActed` resolves
 * when the backend has acted so many times.
 */
export async function runExchange(
  port: number,
  exchange: Exchange,
  untilActed: (count: number) => Promise<void>,
): Promise<Outcome> {
  const client = new Client(port, exchange.patienceMs ?? PATIENCE_MS);
  try {
    return await converse(client, exchange, untilActed);
  } finally {
    client.close();
  }
}

async function converse(
  client: Client,
  exchange: Exchange,
  untilActed: (count: number) => Promise<void>,
): Promise<Outcome> {
  const { pieces, methods = ["GET"] } = exchange;
  const interims: SeenResponse[] = [];
  const responses: SeenResponse[] = [];
  for (const [index, piece] of pieces.entries()) {
    client.send(piece, exchange.isHalfClosed === true && index === pieces.length - 1);
    if (index === pieces.length - 1) break;
    if (exchange.isPaced === true) await untilActed(index + 1);
    else {
      const response = await client.read(false);
      if (response === null) return { interims, responses, fate: client.fate };
      (response.status < 200 ? interims : responses).push(response);
    }
  }
  while (responses.length < methods.length) {
    const response = await client.read(methods[responses.length] === "HEAD");
    if (response === null) return { interims, responses, fate: client.fate };
    (response.status < 200 ? interims : responses).push(response);
  }
  const last = responses.at(-1);
  const says = last === undefined ? undefined : headerOf(last.headers, "connection");
  if (says !== "close" && last?.isWhole === true) {
    if (exchange.isProbed === false) return { interims, responses, fate: "not asked" };
    client.send(PROBE, false);
    if ((await client.read(false)) !== null) return { interims, responses, fate: "open" };
  } else await client.ended();
  return { interims, responses, fate: client.fate };
}

/** A raw connection. */
class Client {
  readonly #socket: net.Socket;
  #input = "";
  #hasEnded = false;
  #isLate = false;
  #wake: () => void = () => {};
  readonly #timer: NodeJS.Timeout;

  constructor(port: number, patienceMs: number) {
    this.#socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    this.#socket.setNoDelay(true);
    this.#socket.setEncoding("latin1").on("data", (text: string) => {
      this.#input += text;
      this.#wake();
    });
    const end = () => {
      this.#hasEnded = true;
      this.#wake();
    };
    this.#socket.on("end", end).on("error", end).on("close", end);
    this.#timer = setTimeout(() => {
      this.#isLate = true;
      this.#wake();
    }, patienceMs);
  }

  get fate(): "closed" | "silent" {
    return this.#hasEnded ? "closed" : "silent";
  }

  send(text: string, isLast: boolean): void {
    if (this.#socket.destroyed) return;
    if (isLast) this.#socket.end(text, "latin1");
    else this.#socket.write(text, "latin1");
  }

  /** The next response, or `null` when none comes. */
  async read(isBodyless: boolean): Promise<SeenResponse | null> {
    for (;;) {
      const found = readResponse(this.#input, isBodyless, this.#hasEnded);
      if (found !== null && (found.response.isWhole || this.#hasEnded || this.#isLate)) {
        this.#input = this.#input.slice(found.length);
        return found.response;
      }
      if (this.#hasEnded || this.#isLate) return null;
      await this.#more();
    }
  }

  /** Resolves when the peer has closed, or time is up. */
  async ended(): Promise<void> {
    while (!this.#hasEnded && !this.#isLate) await this.#more();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#socket.destroy();
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
