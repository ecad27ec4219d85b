/**
 * The part of the engine image that a route configuration compiles to. Conventions are those of
 * `image.ts`: little-endian 32-bit fields unless said otherwise, references are offsets from the
 * start of the image (0 is none), a text or list is a reference and a length or count. Untyped
 * constants only, since AssemblyScript reads this file too.
 *
 *   route configuration ─► hosts (hash table) ─► virtual host ─► routes (list, in order)
 *                                                     └─► paths (hash table) ─► candidates
 *
 * Path table: each text that a route's path begins with has a node, found by its length and the
 * hash of its lower-case form. One pass over the path of a request, stopping at the lengths in the
 * list of stops, finds the longest node that the path begins with. The node has the routes that
 * can match, in order; when they are many they go on in the node at `next`, and the two lists are
 * merged as they are tried. What a candidate really asks of the path is checked on the route.
 */

/** Results of `selectRoute`. Nothing matched. */
export const ROUTE_NONE = 0;
/** A cluster was chosen. */
export const ROUTE_CLUSTER = 1;
/** The route asks for a cluster that is not there; `stream.status` has the status to answer. */
export const ROUTE_NO_CLUSTER = 2;
/** The answer is made here: redirect or direct response. */
export const ROUTE_REPLY = 3;

/** A route configuration. Text: its name. */
export const ROUTES_NAME = 0;
/** `ROUTES_FLAG_*` bits. */
export const ROUTES_FLAGS = 8;
/** List of references to virtual hosts, in order. */
export const ROUTES_VIRTUAL_HOSTS = 12;
/** References to mutation lists, or 0. */
export const ROUTES_REQUEST_MUTATIONS = 20;
export const ROUTES_RESPONSE_MUTATIONS = 24;
/** List of removals: `internal_only_headers`. */
export const ROUTES_INTERNAL_ONLY = 28;
/** Reference to a hash table of HOST records, and the number of its slots less one. */
export const ROUTES_HOSTS = 36;
export const ROUTES_HOSTS_MASK = 40;
/** Lists of u32: lengths of the suffix and prefix wildcards without `*`, longest first. */
export const ROUTES_SUFFIX_LENGTHS = 44;
export const ROUTES_PREFIX_LENGTHS = 52;
/** The virtual host of `*`, or 0. */
export const ROUTES_DEFAULT_HOST = 60;
/** Reference to a hash table of NAMED_CLUSTER records, and its slots less one; or 0. */
export const ROUTES_CLUSTERS = 64;
export const ROUTES_CLUSTERS_MASK = 68;
/** List of PER_FILTER records. */
export const ROUTES_PER_FILTER = 72;
/** Text: metadata as JSON. */
export const ROUTES_METADATA = 80;
/** Text and id: the header whose value takes the place of the host, or length 0. */
export const ROUTES_VHOST_HEADER = 88;
export const ROUTES_VHOST_HEADER_ID = 96;
export const ROUTES_BYTES = 104;

/** Bits of ROUTES_FLAGS. */
export const ROUTES_FLAG_MOST_SPECIFIC_WINS = 1;
export const ROUTES_FLAG_IGNORE_PORT = 2;
/** A path ends at `;` when it is matched. */
export const ROUTES_FLAG_IGNORE_PARAMETERS = 4;
/** There are exact domains. */
export const ROUTES_FLAG_EXACT_HOSTS = 8;

/** One slot of the hosts table; TEXT 0 is an empty slot. */
export const HOST_HASH = 0;
export const HOST_TEXT = 4;
export const HOST_TEXT_LENGTH = 8;
/** Reference to the virtual host. */
export const HOST_VIRTUAL_HOST = 12;
export const HOST_BYTES = 16;
/** First state of the hash (FNV-1a) for each kind of domain. */
export const HOST_SEED_EXACT = 0x811c9dc5;
export const HOST_SEED_SUFFIX = 0x2f4a7c15;
export const HOST_SEED_PREFIX = 0x5bd1e995;

/** One slot of the clusters table; an empty slot has text length 0. */
export const NAMED_CLUSTER_HASH = 0;
export const NAMED_CLUSTER_TEXT = 4;
export const NAMED_CLUSTER_TEXT_LENGTH = 8;
export const NAMED_CLUSTER_INDEX = 12;
export const NAMED_CLUSTER_BYTES = 16;

/** A virtual host. Text: its name. */
export const VHOST_NAME = 0;
/** `VHOST_FLAG_*` bits. */
export const VHOST_FLAGS = 8;
/** `REQUIRE_TLS_*`. */
export const VHOST_REQUIRE_TLS = 12;
export const VHOST_REQUEST_MUTATIONS = 16;
export const VHOST_RESPONSE_MUTATIONS = 20;
/** List of references to routes, in order. */
export const VHOST_ROUTES = 24;
/** Reference to a hash table of references to path nodes, and its slots less one; or 0. */
export const VHOST_PATHS = 32;
export const VHOST_PATHS_MASK = 36;
/** List of u32: lengths at which to look, ascending, `STOP_*` bits in the low bits. */
export const VHOST_STOPS = 40;
/** Reference to the path node of length 0: candidates for any path. */
export const VHOST_ROOT = 48;
/** Reference to the configuration record: a route may be asked for its levels. */
export const VHOST_ROUTES_CONFIG = 52;
/** Room for retry and hedge policies and rate limits. */
export const VHOST_RETRY = 56;
export const VHOST_HEDGE = 60;
export const VHOST_RATE_LIMITS = 64;
export const VHOST_PER_FILTER = 72;
/** List of the values of its metadata. */
export const VHOST_METADATA = 80;
/** Bytes of a request that may be kept for a retry; 0xffffffff is unset. */
export const VHOST_BUFFER_BYTES_MAX = 88;
export const VHOST_BYTES = 96;

/** Bits of VHOST_FLAGS. */
export const VHOST_FLAG_ATTEMPT_COUNT = 1;
export const VHOST_FLAG_ATTEMPT_COUNT_IN_RESPONSE = 2;
export const VHOST_FLAG_TIMEOUT_RETRY = 4;

/** Values of VHOST_REQUIRE_TLS, as in Envoy. */
export const REQUIRE_TLS_NONE = 0;
export const REQUIRE_TLS_EXTERNAL_ONLY = 1;
export const REQUIRE_TLS_ALL = 2;

/** How far a length is shifted in a stop, and what kinds of node have that length. */
export const STOP_SHIFT = 2;
export const STOP_PREFIX = 1;
export const STOP_EXACT = 2;

/** A path node: the lower-case text and its hash. */
export const PATH_HASH = 0;
export const PATH_TEXT = 4;
/** List of u32 positions in VHOST_ROUTES: candidates when the path goes on behind the text. */
export const PATH_PREFIX = 12;
/** The node that has further candidates, or 0. */
export const PATH_PREFIX_NEXT = 20;
/** The same when the path is the text. */
export const PATH_EXACT = 24;
export const PATH_EXACT_NEXT = 32;
export const PATH_BYTES = 40;
/** Candidates of shorter nodes are copied into a list as long as it has no more than these. */
export const PATH_MERGED_MAX = 32;
/** Lists that are merged at one time. */
export const PATH_LISTS_MAX = 64;

/** A route. Text: its name. */
export const ROUTE_NAME = 0;
/** `ROUTE_FLAG_*` bits. */
export const ROUTE_FLAGS = 8;
/** `PATH_*`. */
export const ROUTE_PATH_KIND = 12;
/** Text (lower-case when case does not count) or regular expression. */
export const ROUTE_PATH = 16;
/** Share of requests that match; denominator 0 is all. */
export const ROUTE_FRACTION = 24;
/** List of header matchers. */
export const ROUTE_HEADERS = 32;
/** List of query parameter matchers. */
export const ROUTE_QUERIES = 40;
/** `ACTION_*`. */
export const ROUTE_ACTION_KIND = 48;
/** Reference to the record of the action. */
export const ROUTE_ACTION = 52;
export const ROUTE_REQUEST_MUTATIONS = 56;
export const ROUTE_RESPONSE_MUTATIONS = 60;
/** List of the values of its metadata. */
export const ROUTE_METADATA = 64;
/** Text: operation of the decorator. */
export const ROUTE_DECORATOR = 72;
export const ROUTE_PER_FILTER = 80;
/** Text: prefix of the statistics of this route. */
export const ROUTE_STAT_PREFIX = 88;
/** Room for rate limits and dynamic metadata matchers. */
export const ROUTE_RATE_LIMITS = 96;
export const ROUTE_DYNAMIC_METADATA = 104;
/** Bytes of a request that may be kept for a retry; 0xffffffff is unset. */
export const ROUTE_BUFFER_BYTES_MAX = 112;
export const ROUTE_BYTES = 120;

/** A value of metadata. Text: namespace and keys, joined by colons. */
export const METADATA_PATH = 0;
/** Text: the value. */
export const METADATA_VALUE = 8;
/** 1 when the value is JSON, 0 when it is the text of a string. */
export const METADATA_IS_JSON = 16;
export const METADATA_BYTES = 24;

/** Bits of ROUTE_FLAGS. */
export const ROUTE_FLAG_IGNORE_CASE = 1;
export const ROUTE_FLAG_GRPC = 2;
/** `tls_context.presented` and `.validated`: whether asked for, and what is asked for. */
export const ROUTE_FLAG_PRESENTED = 4;
export const ROUTE_FLAG_NOT_PRESENTED = 8;
export const ROUTE_FLAG_VALIDATED = 16;
export const ROUTE_FLAG_NOT_VALIDATED = 32;
/** There is more to check than the path. */
export const ROUTE_FLAG_CONDITIONS = 64;
/** The decorator's operation goes downstream. */
export const ROUTE_FLAG_PROPAGATE = 128;
/** The path is matched with its parameters, whatever the configuration says: URI templates. */
export const ROUTE_FLAG_PARAMETERS = 256;

/** Values of ROUTE_PATH_KIND. */
export const PATH_KIND_PREFIX = 0;
export const PATH_KIND_EXACT = 1;
export const PATH_KIND_SEPARATED = 2;
/** URI templates too: they are compiled to regular expressions. */
export const PATH_KIND_REGEX = 3;
/** Requests of the method CONNECT, which have no path and match nothing else. */
export const PATH_KIND_CONNECT = 4;

/** Values of ROUTE_ACTION_KIND. */
export const ACTION_CLUSTER = 0;
export const ACTION_REDIRECT = 1;
export const ACTION_DIRECT = 2;
export const ACTION_NON_FORWARDING = 3;

/** Forwarding to a cluster: where to. `SPECIFIER_*`. */
export const FORWARD_SPECIFIER = 0;
/** Index of the cluster, or -1. */
export const FORWARD_CLUSTER = 4;
/** Text and id: the header that names the cluster, or that has the number for the weights. */
export const FORWARD_HEADER = 8;
export const FORWARD_HEADER_ID = 16;
/** Status when the cluster is not there. */
export const FORWARD_NOT_FOUND_STATUS = 20;
/** List of WEIGHTED records. */
export const FORWARD_WEIGHTED = 24;
export const FORWARD_TOTAL_WEIGHT = 32;
/** Milliseconds; 0 is none. */
export const FORWARD_TIMEOUT_MS = 36;
/** Milliseconds; 0 is none, -1 is unset: the connection manager's holds. */
export const FORWARD_IDLE_TIMEOUT_MS = 40;
export const FORWARD_DURATION_MAX_MS = 44;
/** `grpc_timeout_header_max` (0 is no limit) and `_offset`; -1 is unset. */
export const FORWARD_GRPC_TIMEOUT_MAX_MS = 48;
export const FORWARD_GRPC_TIMEOUT_OFFSET_MS = 52;
/** `REWRITE_*`, what is put in place, and the regular expression. */
export const FORWARD_REWRITE = 56;
export const FORWARD_REWRITE_TEXT = 60;
export const FORWARD_REWRITE_REGEX = 68;
/** Bytes of the path that a prefix rewrite replaces, -1 is all of it. */
export const FORWARD_MATCHED_BYTES = 76;
/** `HOST_REWRITE_*`, the literal, header name or substitution, its id, and the expression. */
export const FORWARD_HOST_REWRITE = 80;
export const FORWARD_HOST_TEXT = 84;
export const FORWARD_HOST_HEADER_ID = 92;
export const FORWARD_HOST_REGEX = 96;
/** `FORWARD_FLAG_*` bits. */
export const FORWARD_FLAGS = 104;
/** Reference to the internal redirect policy, or 0. */
export const FORWARD_INTERNAL_REDIRECT = 108;
/** List of MIRROR records. */
export const FORWARD_MIRRORS = 112;
/** Room for retry and hedge policies, hash policies and upgrades. */
export const FORWARD_RETRY = 120;
export const FORWARD_HEDGE = 124;
export const FORWARD_HASH_POLICIES = 128;
export const FORWARD_UPGRADES = 136;
/** Text: `metadata_match` as JSON. */
export const FORWARD_METADATA_MATCH = 144;
/** `RoutingPriority`. */
export const FORWARD_PRIORITY = 152;
/** `max_grpc_timeout` (0 is no limit) and `grpc_timeout_offset`; -1 is unset. */
export const FORWARD_MAX_GRPC_TIMEOUT_MS = 156;
export const FORWARD_MAX_GRPC_TIMEOUT_OFFSET_MS = 160;
export const FORWARD_BYTES = 168;

/** Values of FORWARD_SPECIFIER. */
export const SPECIFIER_CLUSTER = 0;
export const SPECIFIER_HEADER = 1;
export const SPECIFIER_WEIGHTED = 2;

/** Values of FORWARD_REWRITE. */
export const REWRITE_NONE = 0;
export const REWRITE_PREFIX = 1;
/** URI templates too: the template is the expression, the rewrite its substitution. */
export const REWRITE_REGEX = 2;

/** Values of FORWARD_HOST_REWRITE. */
export const HOST_REWRITE_NONE = 0;
export const HOST_REWRITE_LITERAL = 1;
export const HOST_REWRITE_HEADER = 2;
export const HOST_REWRITE_PATH_REGEX = 3;

/** Bits of FORWARD_FLAGS: the caller rewrites the host to that of the endpoint. */
export const FORWARD_FLAG_AUTO_HOST = 1;
export const FORWARD_FLAG_APPEND_HOST = 2;

/** One cluster of several. */
export const WEIGHTED_CLUSTER = 0;
export const WEIGHTED_WEIGHT = 4;
/** Text and id: the header that names the cluster, or length 0. */
export const WEIGHTED_HEADER = 8;
export const WEIGHTED_HEADER_ID = 16;
export const WEIGHTED_REQUEST_MUTATIONS = 20;
export const WEIGHTED_RESPONSE_MUTATIONS = 24;
/** Text: `host_rewrite_literal`. */
export const WEIGHTED_HOST = 28;
export const WEIGHTED_PER_FILTER = 36;
/** Text: `metadata_match` as JSON. */
export const WEIGHTED_METADATA_MATCH = 44;
/** Text: name of the cluster as configured. */
export const WEIGHTED_NAME = 52;
export const WEIGHTED_BYTES = 64;

/** A mirror policy. Index of the cluster or -1; text and id of the header that names it. */
export const MIRROR_CLUSTER = 0;
export const MIRROR_HEADER = 4;
export const MIRROR_HEADER_ID = 12;
/** Numerator and denominator. */
export const MIRROR_FRACTION = 16;
/** `MIRROR_FLAG_*` bits. */
export const MIRROR_FLAGS = 24;
export const MIRROR_BYTES = 32;
export const MIRROR_FLAG_KEEP_HOST = 1;
export const MIRROR_FLAG_TRACE_SAMPLED = 2;
export const MIRROR_FLAG_TRACE_UNSAMPLED = 4;

/** An internal redirect policy: redirects that may follow one another. */
export const INTERNAL_REDIRECT_MAX = 0;
/** Bit 0 for 301, 1 for 302, 2 for 303, 3 for 307, 4 for 308. */
export const INTERNAL_REDIRECT_STATUSES = 4;
export const INTERNAL_REDIRECT_CROSS_SCHEME = 8;
/** List of removals, of which only the names count: response headers to copy. */
export const INTERNAL_REDIRECT_COPY = 12;
/** `INTERNAL_REDIRECT_PREDICATE_*` bits. */
export const INTERNAL_REDIRECT_PREDICATES = 20;
/** List of texts: names of the routes that `allow_listed_routes` lets requests go to. */
export const INTERNAL_REDIRECT_ALLOWED_ROUTES = 24;
export const INTERNAL_REDIRECT_BYTES = 32;
/** From https to either scheme, from http to http alone: `safe_cross_scheme`. */
export const INTERNAL_REDIRECT_PREDICATE_SAFE_SCHEME = 1;
/** Not to a route that the request took before: `previous_routes`. */
export const INTERNAL_REDIRECT_PREDICATE_PREVIOUS_ROUTES = 2;
/** To one of the routes listed. */
export const INTERNAL_REDIRECT_PREDICATE_ALLOWED_ROUTES = 4;

/** A redirect. */
export const REDIRECT_STATUS = 0;
/** `REDIRECT_FLAG_*` bits. */
export const REDIRECT_FLAGS = 4;
/** Texts; length 0 keeps what the request has. PORT begins with its colon. */
export const REDIRECT_SCHEME = 8;
export const REDIRECT_HOST = 16;
export const REDIRECT_PORT = 24;
/** `REDIRECT_PATH_*`, what is put in place, the expression, and the bytes replaced or -1. */
export const REDIRECT_PATH_KIND = 32;
export const REDIRECT_PATH = 36;
export const REDIRECT_REGEX = 44;
export const REDIRECT_MATCHED_BYTES = 52;
export const REDIRECT_BYTES = 56;

/** Bits of REDIRECT_FLAGS. */
export const REDIRECT_FLAG_HTTPS = 1;
export const REDIRECT_FLAG_STRIP_QUERY = 2;
/** The path has its own query, so the request's is dropped. */
export const REDIRECT_FLAG_HAS_QUERY = 4;

/** Values of REDIRECT_PATH_KIND. */
export const REDIRECT_PATH_KEEP = 0;
export const REDIRECT_PATH_LITERAL = 1;
export const REDIRECT_PATH_PREFIX = 2;
export const REDIRECT_PATH_REGEX = 3;

/** A direct response: status and body. */
export const DIRECT_STATUS = 0;
export const DIRECT_BODY = 4;
export const DIRECT_BYTES = 16;
