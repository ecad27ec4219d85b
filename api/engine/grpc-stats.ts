/**
 * What is counted of a gRPC method: see `filters/grpc/method-stats.ts`. Each method of a cluster
 * that was called has a record. Untyped constants only, since AssemblyScript reads this file too.
 *
 *   | u32 next | u32 cluster | u32 hash | u32 name | u32 length | u32 bucket | block |
 *
 * The block has the form of those in `stats.ts`: 22 counters, f64 each, and one histogram address.
 */

/** Address of the next record, or 0. */
export const METHOD_NEXT = 0;
/** Address of the statistics block of the cluster. */
export const METHOD_CLUSTER = 4;
export const METHOD_HASH = 8;
/** Address and length of the name below the cluster's, such as `grpc.package.Service.Method`. */
export const METHOD_NAME = 12;
export const METHOD_NAME_BYTES = 16;
/** Address of the next record with such a hash, or 0. */
export const METHOD_BUCKET_NEXT = 20;
export const METHOD_BLOCK = 24;
export const METHOD_BYTES = 208;

/** Counters of a method. The numbers are values of `grpc-status`, and their places are fixed. */
export const GRPC_COUNTERS = [
  "total",
  "success",
  "failure",
  "request_message_count",
  "response_message_count",
  "0",
  "1",
  "2",
  "3",
  "4",
  "5",
  "6",
  "7",
  "8",
  "9",
  "10",
  "11",
  "12",
  "13",
  "14",
  "15",
  "16",
];
/** Histograms of a method. */
export const GRPC_HISTOGRAMS = ["upstream_rq_time"];

/** `total`. */
export const GRPC_TOTAL = 0;
/** `success`: those with status 0. */
export const GRPC_SUCCESS = 1;
/** `failure`. */
export const GRPC_FAILURE = 2;
/** `request_message_count`. */
export const GRPC_REQUEST_MESSAGE_COUNT = 3;
/** `response_message_count`. */
export const GRPC_RESPONSE_MESSAGE_COUNT = 4;
/** The counter of status 0; the others follow it. */
export const GRPC_STATUS_0 = 5;
/** Statuses that have a counter: those that gRPC names. */
export const GRPC_STATUS_COUNT = 17;
/** Offset of the histogram addresses in the block. */
export const GRPC_HISTOGRAMS_AT = 176;
/** Where tables by status code would be. */
export const GRPC_CODES_AT = 180;

/** Names of methods that a worker counts apart. Further methods count without their names. */
export const METHODS_MAX = 4096;
/** Bytes of such a name; a method with a longer one counts without it. */
export const METHOD_NAME_BYTES_MAX = 512;
