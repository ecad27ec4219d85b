import { get, type IncomingMessage, type RequestOptions } from "node:http";
import { connect } from "node:http2";
import { get as getTls } from "node:https";
import { type Downstream, isTls } from "../config/configuration.ts";
import { askInTunnel } from "../load/stream/hbone.ts";

/** A question to a proxy on this machine. */
export interface Question {
  readonly port: number;
  readonly path: string;
  readonly downstream: Downstream;
  readonly tlsFolder: string;
}

const TIMEOUT_MS = 2000;

/** Sends a GET as the load will, and gives the status of the answer; 0 where there is none. */
export function askProxy({ port, path, downstream, tlsFolder }: Question): Promise<number> {
  if (downstream === "hbone") return askInTunnel(port, path, tlsFolder).catch(() => 0);
  if (downstream === "h2c" || downstream === "tls-h2") {
    return askHttp2(`${isTls(downstream) ? "https" : "http"}://127.0.0.1:${port}`, path);
  }
  return askStatus(`${isTls(downstream) ? "https" : "http"}://127.0.0.1:${port}${path}`);
}

/** The status of the answer to a GET in HTTP/1.1; 0 where there is none. */
export function askStatus(url: string): Promise<number> {
  return new Promise((resolve) => {
    const options: RequestOptions & { rejectUnauthorized: boolean } = {
      ...{ agent: false, timeout: TIMEOUT_MS, rejectUnauthorized: false },
    };
    const onResponse = (response: IncomingMessage) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    };
    const ask = url.startsWith("https:") ? getTls : get;
    const request = ask(url, options, onResponse);
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(0));
  });
}

function askHttp2(origin: string, path: string): Promise<number> {
  return new Promise((resolve) => {
    const session = connect(origin, { rejectUnauthorized: false });
    const finish = (status: number) => {
      session.destroy();
      resolve(status);
    };
    session.setTimeout(TIMEOUT_MS, () => finish(0));
    session.once("error", () => finish(0));
    session.once("close", () => resolve(0));
    const stream = session.request({ ":path": path });
    stream.on("error", () => finish(0));
    stream.once("response", (headers) => finish(headers[":status"] ?? 0));
  });
}
