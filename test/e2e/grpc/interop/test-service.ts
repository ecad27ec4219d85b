import {
  create,
  createFileRegistry,
  type DescMethod,
  type DescMethodBiDiStreaming,
  type DescMethodClientStreaming,
  type DescMethodServerStreaming,
  type DescMethodStreaming,
  type DescMethodUnary,
  type DescService,
} from "@bufbuild/protobuf";
import {
  DescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  MethodDescriptorProtoSchema,
  ServiceDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";

/** A field of a message: its name, its number, and the name of its message or its plain type. */
type Field = readonly [name: string, number: number, type: string];

/** What the standard interop tests use of `grpc/testing/messages.proto`. */
const MESSAGES: Readonly<Record<string, readonly Field[]>> = {
  Empty: [],
  Payload: [["body", 2, "bytes"]],
  EchoStatus: [
    ["code", 1, "int32"],
    ["message", 2, "string"],
  ],
  SimpleRequest: [
    ["response_size", 2, "int32"],
    ["payload", 3, "Payload"],
    ["response_status", 7, "EchoStatus"],
  ],
  SimpleResponse: [["payload", 1, "Payload"]],
  StreamingInputCallRequest: [["payload", 1, "Payload"]],
  StreamingInputCallResponse: [["aggregated_payload_size", 1, "int32"]],
  ResponseParameters: [
    ["size", 1, "int32"],
    ["interval_us", 2, "int32"],
  ],
  StreamingOutputCallRequest: [
    ["response_parameters", 2, "repeated ResponseParameters"],
    ["payload", 3, "Payload"],
    ["response_status", 7, "EchoStatus"],
  ],
  StreamingOutputCallResponse: [["payload", 1, "Payload"]],
};

/** Methods: name, request and response; `stream` in front of what may be many. */
const METHODS: readonly (readonly [name: string, input: string, output: string])[] = [
  ["EmptyCall", "Empty", "Empty"],
  ["UnaryCall", "SimpleRequest", "SimpleResponse"],
  ["StreamingOutputCall", "StreamingOutputCallRequest", "stream StreamingOutputCallResponse"],
  ["StreamingInputCall", "stream StreamingInputCallRequest", "StreamingInputCallResponse"],
  ["FullDuplexCall", "stream StreamingOutputCallRequest", "stream StreamingOutputCallResponse"],
  ["UnimplementedCall", "Empty", "Empty"],
];

const PLAIN: Readonly<Record<string, Type>> = {
  int32: Type.INT32,
  string: Type.STRING,
  bytes: Type.BYTES,
};

const PACKAGE = "grpc.testing";

function toField([name, number, text]: Field) {
  const type = text.replace("repeated ", "");
  const isMessage = PLAIN[type] === undefined;
  return create(FieldDescriptorProtoSchema, {
    name,
    jsonName: name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    number,
    label: text.startsWith("repeated ") ? Label.REPEATED : Label.OPTIONAL,
    type: PLAIN[type] ?? Type.MESSAGE,
    typeName: isMessage ? `.${PACKAGE}.${type}` : "",
  });
}

function toService(name: string) {
  return create(ServiceDescriptorProtoSchema, {
    name,
    method: METHODS.map(([method, input, output]) =>
      create(MethodDescriptorProtoSchema, {
        name: method,
        inputType: `.${PACKAGE}.${input.replace("stream ", "")}`,
        outputType: `.${PACKAGE}.${output.replace("stream ", "")}`,
        clientStreaming: input.startsWith("stream "),
        serverStreaming: output.startsWith("stream "),
      }),
    ),
  });
}

const registry = createFileRegistry(
  create(FileDescriptorProtoSchema, {
    name: "grpc/testing/test.proto",
    package: PACKAGE,
    syntax: "proto3",
    messageType: Object.entries(MESSAGES).map(([name, fields]) =>
      create(DescriptorProtoSchema, { name, field: fields.map(toField) }),
    ),
    service: [toService("TestService"), toService("UnimplementedService")],
  }),
  () => undefined,
);

function serviceOf(name: string): DescService {
  const service = registry.getService(`${PACKAGE}.${name}`);
  if (service === undefined) throw new Error(`no service ${name}`);
  return service;
}

/** The service of the standard interop tests, without .proto files. */
export const TestService = serviceOf("TestService");

/** A service that no server has. */
export const UnimplementedService = serviceOf("UnimplementedService");

/** One request, one response. */
export function isUnary(method: DescMethod): method is DescMethodUnary {
  return method.methodKind === "unary";
}

/** More than one request or response. */
export function isStreaming(method: DescMethod): method is DescMethodStreaming {
  return method.methodKind !== "unary";
}

/** Many requests, one response. */
export function isClientStreaming(method: DescMethod): method is DescMethodClientStreaming {
  return method.methodKind === "client_streaming";
}

/** One request, many responses. */
export function isServerStreaming(method: DescMethod): method is DescMethodServerStreaming {
  return method.methodKind === "server_streaming";
}

/** Many of both. */
export function isBidiStreaming(method: DescMethod): method is DescMethodBiDiStreaming {
  return method.methodKind === "bidi_streaming";
}
