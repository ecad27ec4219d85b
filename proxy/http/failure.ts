import {
  RESPONSE_FLAG_DC,
  RESPONSE_FLAG_DR,
  RESPONSE_FLAG_SI,
  RESPONSE_FLAG_UC,
  RESPONSE_FLAG_UF,
  RESPONSE_FLAG_UH,
  RESPONSE_FLAG_UMSDR,
  RESPONSE_FLAG_UO,
  RESPONSE_FLAG_UPE,
  RESPONSE_FLAG_UR,
  RESPONSE_FLAG_UT,
} from "../../api/engine/response-flags.ts";
import type { ConnectFailure } from "../cluster/upstream/upstream-user.ts";

/** How a request that cannot be served is answered and logged. */
export interface Failure {
  readonly status: number;
  /** `RESPONSE_FLAG_*`, or -1. */
  readonly flag: number;
  /** Envoy RESPONSE_CODE_DETAILS. */
  readonly details: string;
  readonly body: string;
  /** `grpc-status` for a gRPC request, where the HTTP status does not decide. */
  readonly grpcStatus?: number;
}

/** gRPC's DEADLINE_EXCEEDED. */
const DEADLINE_EXCEEDED = 4;

const RESET_BODY = "upstream connect error or disconnect/reset before headers. reset reason: ";

/** The cluster has no endpoint that may be used. */
export const NO_HEALTHY_UPSTREAM: Failure = {
  status: 503,
  flag: RESPONSE_FLAG_UH,
  details: "no_healthy_upstream",
  body: "no healthy upstream",
};

/** A circuit breaker of the cluster is open. */
export const OVERFLOW = reset(503, RESPONSE_FLAG_UO, "overflow");

/** The upstream closed the connection before it answered. */
export const CONNECTION_TERMINATION = reset(503, RESPONSE_FLAG_UC, "connection termination");

/** The upstream gave the stream of HTTP/2 up. */
export const REMOTE_RESET = reset(503, RESPONSE_FLAG_UR, "remote reset");

/** The upstream's answer is not HTTP. */
export const PROTOCOL_ERROR = reset(502, RESPONSE_FLAG_UPE, "protocol error");

/** The route's timeout passed. */
export const RESPONSE_TIMEOUT: Failure = {
  status: 504,
  flag: RESPONSE_FLAG_UT,
  details: "response_timeout",
  body: "upstream request timeout",
};

/** An attempt was not answered in the time that it had. */
export const TRY_TIMEOUT: Failure = { ...RESPONSE_TIMEOUT, details: "upstream_per_try_timeout" };

/** The same failure, answered with 204. */
export function withoutContent(failure: Failure): Failure {
  return { ...failure, status: 204, body: "" };
}

/** An attempt lived longer than it may. */
export function tryDurationTimeout(isRequestWhole: boolean): Failure {
  return {
    status: isRequestWhole ? 504 : 408,
    flag: RESPONSE_FLAG_UMSDR,
    details: "upstream_max_stream_duration_reached",
    body: "upstream max stream duration reached",
  };
}

/** Nothing moved on the stream for its idle timeout. */
export function idleTimeout(isRequestWhole: boolean): Failure {
  const status = isRequestWhole ? 504 : 408;
  return { status, flag: RESPONSE_FLAG_SI, details: "stream_idle_timeout", body: "stream timeout" };
}

/** The stream lived longer than `max_stream_duration`. */
export function durationTimeout(isRequestWhole: boolean): Failure {
  const status = isRequestWhole ? 504 : 408;
  const body = "downstream duration timeout";
  const grpcStatus = DEADLINE_EXCEEDED;
  return { status, flag: -1, details: "max_duration_timeout", body, grpcStatus };
}

/** The request did not arrive in full within `request_timeout`. */
export const REQUEST_TIMEOUT: Failure = {
  status: 408,
  flag: -1,
  details: "request_overall_timeout",
  body: "request timeout",
};

/** The head did not arrive within `request_headers_timeout`. */
export const REQUEST_HEADER_TIMEOUT: Failure = {
  status: 408,
  flag: -1,
  details: "request_header_timeout",
  body: "request header timeout",
};

/** The client went away. */
export const DOWNSTREAM_DISCONNECT: Failure = {
  status: 0,
  flag: RESPONSE_FLAG_DC,
  details: "downstream_remote_disconnect",
  body: "",
};

/** The client gave a stream of HTTP/2 up. */
export const DOWNSTREAM_RESET: Failure = {
  status: 0,
  flag: RESPONSE_FLAG_DR,
  details: "http2.remote_reset",
  body: "",
};

/** No connection could be made. */
export function connectFailure(failure: ConnectFailure): Failure {
  if (failure.kind === "timeout") return reset(503, RESPONSE_FLAG_UF, "connection timeout");
  const { kind, reason } = failure;
  const cause = reason === "" ? "" : `|${reason.replaceAll(" ", "_")}`;
  const details = `upstream_reset_before_response_started{${kind}_connection_failure${cause}}`;
  const body = `${RESET_BODY}${kind} connection failure`;
  return { status: 503, flag: RESPONSE_FLAG_UF, details, body };
}

/** The same failure when the response had begun: there is nobody left to tell but the log. */
export function afterResponseBegan(failure: Failure): Failure {
  const details = failure.details.replace("before_response_started", "after_response_started");
  return { ...failure, details };
}

function reset(status: number, flag: number, reason: string): Failure {
  const cause = reason.replaceAll(" ", "_");
  const details = `upstream_reset_before_response_started{${cause}}`;
  return { status, flag, details, body: RESET_BODY + reason };
}
