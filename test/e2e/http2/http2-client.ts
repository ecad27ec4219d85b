import { once } from "node:events";
import http2 from "node:http2";

/** A response, as a client of HTTP/2 has it. */
export interface Http2Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly trailers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** Statuses of the interim responses before it. */
  readonly interims: readonly number[];
}

/** A client with one connection, Node's own. */
export class Http2Client {
  readonly session: http2.ClientHttp2Session;

  constructor(session: http2.ClientHttp2Session) {
    this.session = session;
    // What happens to requests is told by their own events.
    session.on("error", () => {});
  }

  /** Connects in the clear, or with the options of `tls.connect`. */
  static async open(
    port: number,
    options?: http2.SecureClientSessionOptions,
  ): Promise<Http2Client> {
    const scheme = options === undefined ? "http" : "https";
    const session = http2.connect(`${scheme}://127.0.0.1:${port}`, options);
    await once(session, "connect");
    return new Http2Client(session);
  }

  /** Begins a request to `a.test`; the caller ends it. */
  begin(headers: http2.OutgoingHttpHeaders, endStream = false): http2.ClientHttp2Stream {
    return this.session.request(
      { ":authority": "a.test", ":path": "/", ...headers },
      { endStream },
    );
  }

  /** Sends a request and resolves with its answer; rejects when the stream is reset. */
  async ask(headers: http2.OutgoingHttpHeaders, body?: string): Promise<Http2Answer> {
    const stream = this.begin(headers, body === undefined);
    if (body !== undefined) stream.end(body);
    return await readAnswer(stream);
  }

  close(): void {
    this.session.destroy();
  }
}

/** Reads the answer to a request. */
export function readAnswer(stream: http2.ClientHttp2Stream): Promise<Http2Answer> {
  return new Promise((resolve, reject) => {
    let head: http2.IncomingHttpHeaders = {};
    let trailers: http2.IncomingHttpHeaders = {};
    let body = "";
    const interims: number[] = [];
    stream.setEncoding("latin1");
    stream.on("headers", (fields) => interims.push(Number(fields[":status"])));
    stream.on("response", (fields) => {
      head = fields;
    });
    stream.on("trailers", (fields) => {
      trailers = fields;
    });
    stream.on("data", (text: string) => {
      body += text;
    });
    stream.on("error", reject);
    stream.on("end", () => {
      resolve({ status: Number(head[":status"]), headers: head, trailers, body, interims });
    });
  });
}
