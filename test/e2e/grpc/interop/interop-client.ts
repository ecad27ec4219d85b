import assert from "node:assert/strict";
import { fromJson, type JsonObject, type JsonValue, toJson } from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { isStreaming, isUnary, TestService, UnimplementedService } from "./test-service.ts";

/** What one call came to. */
interface Outcome {
  readonly header: Headers;
  readonly trailer: Headers;
  readonly messages: readonly JsonValue[];
}

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly header?: Record<string, string>;
  /** Called with each message as it comes, and how many there were before it. */
  readonly onMessage?: (message: JsonValue, index: number) => void;
}

/** Requests that are made while the call runs. */
class Requests implements AsyncIterable<JsonObject> {
  readonly #waiting: (JsonObject | null)[] = [];
  #wake: () => void = () => {};

  send(request: JsonObject): void {
    this.#waiting.push(request);
    this.#wake();
  }

  end(): void {
    this.#waiting.push(null);
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<JsonObject> {
    for (;;) {
      while (this.#waiting.length === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      const next = this.#waiting.shift();
      if (next === undefined || next === null) return;
      yield next;
    }
  }
}

async function* once(...requests: readonly JsonObject[]): AsyncGenerator<JsonObject> {
  yield* requests;
}

/** Makes a call of the test service, or of the one that nobody has. */
async function call(
  transport: Transport,
  name: string,
  requests: AsyncIterable<JsonObject>,
  options: CallOptions = {},
  service = TestService,
): Promise<Outcome> {
  const { signal, timeoutMs, header, onMessage } = options;
  const method = service.method[name];
  if (isUnary(method)) {
    for await (const request of requests) {
      const message = fromJson(method.input, request);
      const response = await transport.unary(method, signal, timeoutMs, header, message);
      const messages = [toJson(method.output, response.message)];
      return { header: response.header, trailer: response.trailer, messages };
    }
    throw new Error("no request");
  }
  if (!isStreaming(method)) throw new Error(`${name} is of no kind`);
  const inputs = (async function* () {
    for await (const request of requests) yield fromJson(method.input, request);
  })();
  const response = await transport.stream(method, signal, timeoutMs, header, inputs);
  const messages: JsonValue[] = [];
  for await (const message of response.message) {
    const json = toJson(method.output, message);
    onMessage?.(json, messages.length);
    messages.push(json);
  }
  return { header: response.header, trailer: response.trailer, messages };
}

const payload = (bytes: number): JsonObject => ({
  payload: bytes === 0 ? {} : { body: Buffer.alloc(bytes).toString("base64") },
});

/** Lengths of the bodies of responses. */
function lengthsOf(messages: readonly JsonValue[]): number[] {
  return messages.map((message) => {
    const text = JSON.stringify(message);
    const body = /"body":"([^"]*)"/.exec(text)?.[1] ?? "";
    return Buffer.from(body, "base64").length;
  });
}

async function assertFails(done: Promise<unknown>, code: Code, message?: string): Promise<void> {
  const error = ConnectError.from(
    await done.then(
      () => null,
      (reason: unknown) => reason,
    ),
  );
  assert.equal(error.code, code, error.message);
  if (message !== undefined) assert.equal(error.rawMessage, message);
}

const RESPONSE_BYTES = [31415, 9, 2653, 58979];
const REQUEST_BYTES = [27182, 8, 1828, 45904];
const SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
const UNKNOWN = 2;

const output = (responseBytes: number, requestBytes: number): JsonObject => ({
  responseParameters: [{ size: responseBytes }],
  ...payload(requestBytes),
});

/** Plays a game of ping and pong, one answer before the next request. */
function pingPong(transport: Transport, options: CallOptions = {}): Promise<Outcome> {
  const requests = new Requests();
  requests.send(output(RESPONSE_BYTES[0], REQUEST_BYTES[0]));
  return call(transport, "fullDuplexCall", requests, {
    ...options,
    onMessage(message, index) {
      options.onMessage?.(message, index);
      if (index === RESPONSE_BYTES.length - 1) requests.end();
      else requests.send(output(RESPONSE_BYTES[index + 1], REQUEST_BYTES[index + 1]));
    },
  });
}

/** The cases of gRPC's "Interoperability Test Case Descriptions" that need no credentials. */
export const CASES: Readonly<Record<string, (transport: Transport) => Promise<void>>> = {
  async empty_unary(transport) {
    const { messages } = await call(transport, "emptyCall", once({}));
    assert.deepEqual(messages, [{}]);
  },
  async large_unary(transport) {
    const request = { responseSize: 314159, ...payload(271828) };
    const { messages } = await call(transport, "unaryCall", once(request));
    assert.deepEqual(lengthsOf(messages), [314159]);
  },
  async client_streaming(transport) {
    const requests = once(...REQUEST_BYTES.map(payload));
    const { messages } = await call(transport, "streamingInputCall", requests);
    assert.deepEqual(messages, [{ aggregatedPayloadSize: 74922 }]);
  },
  async server_streaming(transport) {
    const request = { responseParameters: RESPONSE_BYTES.map((size) => ({ size })) };
    const { messages } = await call(transport, "streamingOutputCall", once(request));
    assert.deepEqual(lengthsOf(messages), RESPONSE_BYTES);
  },
  async ping_pong(transport) {
    const { messages } = await pingPong(transport);
    assert.deepEqual(lengthsOf(messages), RESPONSE_BYTES);
  },
  async empty_stream(transport) {
    const { messages } = await call(transport, "fullDuplexCall", once());
    assert.deepEqual(messages, []);
  },
  async cancel_after_begin(transport) {
    const abort = new AbortController();
    const done = call(transport, "streamingInputCall", new Requests(), { signal: abort.signal });
    setImmediate(() => abort.abort());
    await assertFails(done, Code.Canceled);
  },
  async cancel_after_first_response(transport) {
    const abort = new AbortController();
    const { signal } = abort;
    const done = pingPong(transport, { signal, onMessage: () => abort.abort() });
    await assertFails(done, Code.Canceled);
  },
  async timeout_on_sleeping_server(transport) {
    const requests = new Requests();
    requests.send({ ...payload(27182), responseParameters: [{ size: 1, intervalUs: 5_000_000 }] });
    const done = call(transport, "fullDuplexCall", requests, { timeoutMs: 50 });
    await assertFails(done, Code.DeadlineExceeded);
  },
  async custom_metadata(transport) {
    const header = {
      "x-grpc-test-echo-initial": "test_initial_metadata_value",
      "x-grpc-test-echo-trailing-bin": "q6ur",
    };
    const request = { responseSize: 314159, ...payload(271828) };
    const outcome = await call(transport, "unaryCall", once(request), { header });
    assert.equal(outcome.header.get("x-grpc-test-echo-initial"), "test_initial_metadata_value");
    const trailing = outcome.trailer.get("x-grpc-test-echo-trailing-bin");
    assert.equal(trailing?.replace(/=+$/, ""), "q6ur");
  },
  async status_code_and_message(transport) {
    const request = { responseStatus: { code: UNKNOWN, message: "test status message" } };
    const unary = call(transport, "unaryCall", once(request));
    await assertFails(unary, Code.Unknown, "test status message");
    const stream = call(transport, "fullDuplexCall", once(request));
    await assertFails(stream, Code.Unknown, "test status message");
  },
  async special_status_message(transport) {
    const request = { responseStatus: { code: UNKNOWN, message: SPECIAL } };
    await assertFails(call(transport, "unaryCall", once(request)), Code.Unknown, SPECIAL);
  },
  async unimplemented_method(transport) {
    await assertFails(call(transport, "unimplementedCall", once({})), Code.Unimplemented);
  },
  async unimplemented_service(transport) {
    const done = call(transport, "unimplementedCall", once({}), {}, UnimplementedService);
    await assertFails(done, Code.Unimplemented);
  },
};
