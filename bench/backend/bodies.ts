/** A body that the backend serves at a path. */
export interface Body {
  readonly path: string;
  readonly bytes: number;
}

/** Every other path is answered with the body of 100 bytes. */
export const BODIES: readonly Body[] = [
  { path: "/0", bytes: 0 },
  { path: "/100", bytes: 100 },
  { path: "/10k", bytes: 10_240 },
  { path: "/1m", bytes: 1_048_576 },
  { path: "/50m", bytes: 52_428_800 },
];

/** Where the backend reads a request body to its end and answers without one. */
export const UPLOAD_PATH = "/upload";

/** Where the backend answers a call of gRPC with a message and with trailers of success. */
export const GRPC_PATH = "/bench.Echo/Say";

/** Of the message in the answer. */
export const GRPC_MESSAGE_BYTES = 100;

/** The body that `path` names. */
export function findBody(path: string): Body {
  return BODIES.find((body) => body.path === path) ?? BODIES[1];
}
