/**
 * TCP proxies in the engine image. Conventions are those of `image.ts`. Untyped constants only,
 * since AssemblyScript reads this file too.
 *
 * The record of a TCP proxy begins with one of a connection manager (`HCM_*`), of which only the
 * access logs and the buffer limit are set: to the engine a connection in TCP is a stream, too.
 */

/** List of TCP_CLUSTER records, and the sum of their weights. Offsets behind the `HCM_*` part. */
export const TCP_CLUSTERS = 208;
export const TCP_TOTAL_WEIGHT = 216;
/** Reference to the TUNNEL record, or 0. */
export const TCP_TUNNEL = 220;
export const TCP_BYTES = 224;

/** A cluster by its index in the image, or -1 for one that does not exist, and its weight. */
export const TCP_CLUSTER_INDEX = 0;
export const TCP_CLUSTER_WEIGHT = 4;
export const TCP_CLUSTER_BYTES = 8;

/** `tunneling_config`. Reference to the format program of the authority. */
export const TUNNEL_HOST = 0;
/** Reference to the mutations of the request's head, or 0. */
export const TUNNEL_MUTATIONS = 4;
/** Text: the path of a POST, or length 0 for CONNECT. */
export const TUNNEL_POST_PATH = 8;
export const TUNNEL_BYTES = 16;
