/* Requests that the connection manager answers itself: which details and body go with each. */
import { HCM_STATS } from "../../api/engine/image.ts";
import { STATE_CONNECTION_CLOSE, STATE_REQUEST_END } from "../../api/engine/layout.ts";
import { RESPONSE_FLAG_DPE } from "../../api/engine/response-flags.ts";
import {
  HTTP_DOWNSTREAM_CX_PROTOCOL_ERROR,
  HTTP_DOWNSTREAM_RQ_FAILED_PATH_NORMALIZATION,
  HTTP_DOWNSTREAM_RQ_REDIRECTED_WITH_NORMALIZED_PATH,
  HTTP_DOWNSTREAM_RQ_WS_ON_NON_WS_ROUTE,
} from "../../api/engine/stats.ts";
import { statusLine, statusLineLength } from "../http1/status-line.ts";
import { staticText } from "../memory/text.ts";
import { count } from "../observe/counters.ts";
import { Stream } from "../stream/stream.ts";

/** Why a request is refused; the number is the place in the list of details. */
export namespace Refusal {
  export const None: i32 = 0;
  export const Underscore: i32 = 1;
  export const LowVersion: i32 = 2;
  export const MissingHost: i32 = 3;
  export const InvalidHost: i32 = 4;
  export const RelativePath: i32 = 5;
  export const PathNormalization: i32 = 6;
  export const PathNormalizationRedirect: i32 = 7;
  export const UpgradeFailed: i32 = 8;
  export const RouteNotFound: i32 = 9;
  export const ClusterNotFound: i32 = 10;
  export const InvalidUrl: i32 = 11;
  export const InvalidScheme: i32 = 12;
  export const Codec: i32 = 13;
  export const QueryContentType: i32 = 14;
}

/** Envoy's response code details, in the order of `Refusal`. */
const DETAILS: StaticArray<string> = [
  "",
  "http1.unexpected_underscore",
  "low_version",
  "missing_host_header",
  "http.invalid_authority",
  "absolute_path_rejected",
  "path_normalization_failed",
  // Of the redirect, too.
  "path_normalization_failed",
  "upgrade_failed",
  "route_not_found",
  "cluster_not_found",
  "http1.invalid_url",
  "http1.invalid_scheme",
  "http1.codec_error",
  "query_missing_content_type",
];

/** Where the reason phrase stands in `HTTP/1.1 NNN Reason`. */
const REASON_AT: i32 = 13;

let texts: usize = 0;

/** Copies the details. Called once when the module starts. */
export function buildRefusals(): void {
  texts = memory.data(256);
  for (let i = 0; i < DETAILS.length; i++) {
    store<u32>(texts + (<usize>i << 3), <u32>staticText(DETAILS[i]));
    store<u32>(texts + (<usize>i << 3), DETAILS[i].length, 4);
  }
}

/** Notes that the request gets a local reply, and returns false for the caller to return. */
export function refuse(stream: Stream, status: i32, refusal: i32): bool {
  stream.status = status;
  stream.details = load<u32>(texts + (<usize>refusal << 3));
  stream.detailsLength = load<i32>(texts + (<usize>refusal << 3), 4);
  const stats = <usize>load<u32>(stream.hcm, HCM_STATS);
  if (refusal == Refusal.PathNormalization) {
    count(stats, HTTP_DOWNSTREAM_RQ_FAILED_PATH_NORMALIZATION);
  } else if (refusal == Refusal.PathNormalizationRedirect) {
    count(stats, HTTP_DOWNSTREAM_RQ_REDIRECTED_WITH_NORMALIZED_PATH);
  } else if (refusal == Refusal.UpgradeFailed) {
    count(stats, HTTP_DOWNSTREAM_RQ_WS_ON_NON_WS_ROUTE);
    cutShort(stream);
  }
  return false;
}

/** Bytes of another protocol, or of nobody knows what, may follow: none is read as a request. */
function cutShort(stream: Stream): void {
  stream.state |= STATE_CONNECTION_CLOSE;
  // To Envoy, too, such a request never ends.
  stream.state &= ~STATE_REQUEST_END;
}

/** The same for what Envoy's codec refuses: the reason phrase is the body, and that was all. */
export function refuseMalformed(stream: Stream, status: i32, refusal: i32): bool {
  count(<usize>load<u32>(stream.hcm, HCM_STATS), HTTP_DOWNSTREAM_CX_PROTOCOL_ERROR);
  stream.responseFlags |= (<u64>1) << RESPONSE_FLAG_DPE;
  cutShort(stream);
  refuse(stream, status, refusal);
  setReasonBody(stream);
  return false;
}

/** Makes the reason phrase of the status the body of the reply. */
export function setReasonBody(stream: Stream): void {
  stream.replyBody = statusLine(stream.status) + REASON_AT;
  stream.replyBodyLength = statusLineLength(stream.status) - REASON_AT - 2;
}
