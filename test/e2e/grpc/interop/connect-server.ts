import { createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import { setTimeout } from "node:timers/promises";
import { fromJson, type JsonObject, type JsonValue, toJson } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import {
  isBidiStreaming,
  isClientStreaming,
  isServerStreaming,
  isUnary,
  TestService,
} from "./test-service.ts";

/** A server of the test service that speaks Connect, gRPC and gRPC-Web over HTTP/2. */
export interface ConnectServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts the server on a free port. */
export async function startConnectServer(): Promise<ConnectServer> {
  const server = createServer(connectNodeAdapter({ routes: addRoutes }));
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: portOf(server), stop: () => stop(server, sessions) };
}

function portOf(server: Http2Server): number {
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}

async function stop(server: Http2Server, sessions: ReadonlySet<ServerHttp2Session>): Promise<void> {
  for (const session of sessions) session.destroy();
  await new Promise((resolve) => server.close(resolve));
}

function addRoutes(router: ConnectRouter): void {
  for (const method of TestService.methods) {
    if (isUnary(method) && method.localName !== "unimplementedCall") {
      router.rpc(method, (request, context) => {
        return fromJson(method.output, answer(toJson(method.input, request), context));
      });
    } else if (isClientStreaming(method)) {
      router.rpc(method, async (requests) => {
        let bytes = 0;
        for await (const request of requests) bytes += bodyBytes(toJson(method.input, request));
        return fromJson(method.output, { aggregatedPayloadSize: bytes });
      });
    } else if (isServerStreaming(method)) {
      router.rpc(method, async function* (request, context) {
        const json = toJson(method.input, request);
        for await (const each of answers(json, context)) yield fromJson(method.output, each);
      });
    } else if (isBidiStreaming(method)) {
      router.rpc(method, async function* (requests, context) {
        for await (const request of requests) {
          const json = toJson(method.input, request);
          for await (const each of answers(json, context)) yield fromJson(method.output, each);
        }
      });
    }
  }
}

function fieldOf(json: JsonValue, name: string): JsonValue | undefined {
  const isObject = json !== null && typeof json === "object" && !Array.isArray(json);
  return isObject ? json[name] : undefined;
}

function numberOf(json: JsonValue, name: string): number {
  return Number(fieldOf(json, name) ?? 0);
}

function bodyBytes(json: JsonValue): number {
  const body = fieldOf(fieldOf(json, "payload") ?? null, "body");
  return Buffer.from(typeof body === "string" ? body : "", "base64").length;
}

/** Echoes metadata, and fails as the request asks. */
function prepare(request: JsonValue, context: HandlerContext): void {
  const { requestHeader, responseHeader, responseTrailer } = context;
  const initial = requestHeader.get("x-grpc-test-echo-initial");
  if (initial !== null) responseHeader.set("x-grpc-test-echo-initial", initial);
  const trailing = requestHeader.get("x-grpc-test-echo-trailing-bin");
  if (trailing !== null) responseTrailer.set("x-grpc-test-echo-trailing-bin", trailing);
  const status = fieldOf(request, "responseStatus");
  if (status === undefined) return;
  const code = Object.values(Code).find((each) => each === numberOf(status, "code"));
  throw new ConnectError(String(fieldOf(status, "message")), Number(code));
}

function answer(request: JsonValue, context: HandlerContext): JsonObject {
  prepare(request, context);
  return zeros(numberOf(request, "responseSize"));
}

function zeros(bytes: number): JsonObject {
  return bytes === 0 ? {} : { payload: { body: Buffer.alloc(bytes).toString("base64") } };
}

async function* answers(request: JsonValue, context: HandlerContext): AsyncGenerator<JsonObject> {
  prepare(request, context);
  const wanted = fieldOf(request, "responseParameters");
  for (const each of Array.isArray(wanted) ? wanted : []) {
    const delayMs = numberOf(each, "intervalUs") / 1000;
    if (delayMs > 0) await setTimeout(delayMs, undefined, { signal: context.signal });
    yield zeros(numberOf(each, "size"));
  }
}
