/**
 * Peer metadata: the settings of Istio's filter `peer_metadata` in the engine image, and what is
 * known of a workload, as it lies in filter state. Conventions are those of `image.ts`. Untyped
 * constants only, since AssemblyScript reads this file too.
 */

/** `PEER_FLAG_*` bits. */
export const PEER_FLAGS = 0;
/** Ways to know who sent the request: `PEER_BY_*` numbers of four bits, the first one lowest. */
export const PEER_DOWNSTREAM_WAYS = 4;
/** The same of who answered it. */
export const PEER_UPSTREAM_WAYS = 8;
/** Texts of what this proxy says of itself: `x-envoy-peer-metadata-id`, `x-envoy-peer-metadata`. */
export const PEER_OWN_ID = 16;
export const PEER_OWN_METADATA = 24;
/** The same as `baggage`. */
export const PEER_OWN_BAGGAGE = 32;
/** Names of the labels that are kept: a list of texts. */
export const PEER_LABELS = 40;
export const PEER_METADATA_BYTES = 48;

/** A name of PEER_LABELS. */
export const PEER_LABEL_BYTES = 8;
/** Names that are kept at most; a configuration with more is refused. */
export const PEER_LABELS_MAX = 64;

/** By the header `baggage`. */
export const PEER_BY_BAGGAGE = 1;
/** By the header `x-envoy-peer-metadata`. */
export const PEER_BY_HEADERS = 2;

/** The connection to the upstream gets to know who sent the request. */
export const PEER_FLAG_SHARED = 1;
/** Requests lose Istio's headers, and so do responses. */
export const PEER_FLAG_STRIPS_REQUEST = 2;
export const PEER_FLAG_STRIPS_RESPONSE = 4;
/** Requests get Istio's headers, and so do responses to requests that had them. */
export const PEER_FLAG_HEADERS_UPSTREAM = 8;
export const PEER_FLAG_HEADERS_DOWNSTREAM = 16;
/** The same, but not when the cluster is outside the mesh. */
export const PEER_FLAG_SKIPS_UPSTREAM = 32;
export const PEER_FLAG_SKIPS_DOWNSTREAM = 64;
/** Requests get baggage, and so do responses. */
export const PEER_FLAG_BAGGAGE_UPSTREAM = 128;
export const PEER_FLAG_BAGGAGE_DOWNSTREAM = 256;

/**
 * What is known of a workload, by the names that Istio has for it, in the order in which it is
 * written. In filter state each value ends with a byte 0, and so do the names and values of the
 * labels behind them.
 */
export const PEER_FIELDS = [
  "type",
  "workload",
  "name",
  "cluster",
  "namespace",
  "service",
  "revision",
  "app",
  "version",
  "region",
  "availability_zone",
  "identity",
];

/** Places in PEER_FIELDS. */
export const PEER_TYPE = 0;
export const PEER_WORKLOAD = 1;
export const PEER_NAME = 2;
export const PEER_CLUSTER = 3;
export const PEER_NAMESPACE = 4;
export const PEER_SERVICE = 5;
export const PEER_REVISION = 6;
export const PEER_APP = 7;
export const PEER_VERSION = 8;
export const PEER_REGION = 9;
export const PEER_ZONE = 10;
export const PEER_IDENTITY = 11;
export const PEER_FIELD_COUNT = 12;

/** ARGUMENT of OP_PEER: how a peer is written, and in FIELD which place of PEER_FIELDS. */
export const PEER_AS_PAIRS = 0;
export const PEER_AS_STRUCT = 1;
export const PEER_AS_ANY = 2;
export const PEER_AS_FIELD = 3;
export const PEER_FIELD_SHIFT = 2;
