import { EventEmitter, once } from "node:events";
import net from "node:net";
import { PATIENCE_MS } from "./exchange.ts";
import { headerOf, readRequest, type SeenRequest } from "./message.ts";

/** What the backend does when a request asks for it with `x-script: NAME`. */
export interface Script {
  /** True to act as soon as the head is there. */
  readonly isEarly?: boolean;
  /** Bytes that are sent as they are. */
  readonly send: string;
  /** What becomes of the connection afterwards. */
  readonly ending: "keep" | "close" | "reset";
}

/** A backend that both proxies have behind them. */
export interface Backend {
  readonly port: number;
  /** Requests that were read whole, since the last call. */
  takeSeen(): SeenRequest[];
  /** Resolves when so many requests were read since `takeSeen`, or when time is up. */
  untilSeen(count: number): Promise<void>;
  /** Resolves when so many requests were answered, or met their script, since `takeSeen`. */
  untilActed(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** Header with which a request names its script. Without one the backend echoes what it got. */
const SCRIPT_HEADER = "x-script";

/** Starts a server that follows `scripts`, or echoes requests as JSON. */
export async function startBackend(scripts: Readonly<Record<string, Script>>): Promise<Backend> {
  let seen: SeenRequest[] = [];
  let actedCount = 0;
  const changed = new EventEmitter();
  const until = async (isEnough: () => boolean): Promise<void> => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    try {
      while (!isEnough()) await once(changed, "act", { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    let input = "";
    socket.on("error", () => socket.destroy());
    socket.on("end", () => socket.end());
    socket.on("close", () => sockets.delete(socket));
    socket.setEncoding("latin1").on("data", (text: string) => {
      input += text;
      for (;;) {
        const found = readRequest(input);
        if (found === null) return;
        const name = headerOf(found.request.headers, SCRIPT_HEADER);
        const script = name === undefined ? undefined : scripts[name];
        if (!found.isWhole && script?.isEarly !== true) return;
        input = input.slice(found.length);
        if (found.isWhole) seen.push(found.request);
        answer(socket, script ?? echo(found.request));
        actedCount++;
        changed.emit("act");
        if (!found.isWhole) socket.removeAllListeners("data").resume();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return {
    port,
    takeSeen() {
      const taken = seen;
      seen = [];
      actedCount = 0;
      return taken;
    },
    untilSeen: (count) => until(() => seen.length >= count),
    untilActed: (count) => until(() => actedCount >= count),
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(socket: net.Socket, script: Script): void {
  if (script.send !== "") socket.write(script.send, "latin1");
  if (script.ending === "close") socket.end();
  if (script.ending === "reset") socket.resetAndDestroy();
}

function echo(request: SeenRequest): Script {
  const body = JSON.stringify(request);
  const head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-echo: 1\r\n";
  const isHead = request.method === "HEAD";
  const length = `content-length: ${body.length}\r\n\r\n`;
  return { send: head + length + (isHead ? "" : body), ending: "keep" };
}
