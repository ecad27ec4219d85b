import { SCOPE_KIND_HTTP2 } from "../../../api/engine/image.ts";

/** Kind of a listener's scope. It continues the `SCOPE_KIND_*` of the engine image. */
export const SCOPE_KIND_LISTENER: number = SCOPE_KIND_HTTP2 + 1;
/** Kind of an access log's scope. */
export const SCOPE_KIND_ACCESS_LOG: number = SCOPE_KIND_HTTP2 + 2;

/** Kind of the scope of a listener's or cluster's TLS; its name is that of the owner's scope. */
export const SCOPE_KIND_TLS: number = SCOPE_KIND_HTTP2 + 3;

/** Kind of the scope of all TLS inspectors; its name is "", here and in the next three. */
export const SCOPE_KIND_TLS_INSPECTOR: number = SCOPE_KIND_HTTP2 + 4;
/** Kind of the scope of all HTTP inspectors. */
export const SCOPE_KIND_HTTP_INSPECTOR: number = SCOPE_KIND_HTTP2 + 5;
/** Kind of the scope of the PROXY protocol filters; its name is their `stat_prefix`. */
export const SCOPE_KIND_PROXY_PROTOCOL: number = SCOPE_KIND_HTTP2 + 6;
/** Kind of the scope of what they all count below no prefix. */
export const SCOPE_KIND_PROXY_PROTOCOL_LEGACY: number = SCOPE_KIND_HTTP2 + 7;

/** Kind of the scope of a gRPC method; its name begins with that of its cluster. */
export const SCOPE_KIND_GRPC: number = SCOPE_KIND_HTTP2 + 8;

/** Kind of the scope of a connection limit: network filters have their own. */
export const SCOPE_KIND_CONNECTION_LIMIT: number = SCOPE_KIND_HTTP2 + 9;
/** Kind of a connection rate's scope. */
export const SCOPE_KIND_CONNECTION_RATE: number = SCOPE_KIND_HTTP2 + 10;
/** Kind of the scope of rules of access control. */
export const SCOPE_KIND_RBAC: number = SCOPE_KIND_HTTP2 + 11;
/** Kind of the scope of shadow rules. */
export const SCOPE_KIND_RBAC_SHADOW: number = SCOPE_KIND_HTTP2 + 12;
/** Kind of the scope of all filters that exchange metadata. */
export const SCOPE_KIND_METADATA_EXCHANGE: number = SCOPE_KIND_HTTP2 + 13;

/** Kind of the scope of a cluster's PROXY headers; its name begins with that of its scope. */
export const SCOPE_KIND_UPSTREAM_PROXY: number = SCOPE_KIND_HTTP2 + 14;
