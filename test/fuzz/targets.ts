import { HPACK_TARGET } from "./hpack.ts";
import { HTTP1_TARGET } from "./http1/http1.ts";
import { CLIENT_HELLO_TARGET } from "./listener/client-hello.ts";
import { PROXY_HEADER_TARGET } from "./listener/proxy-header.ts";
import { HTTP2_TARGET } from "./http2/http2.ts";
import { PEER_METADATA_TARGET } from "./peer/peer-metadata.ts";
import { REGEX_TARGET } from "./regex.ts";
import type { FuzzTarget } from "./target.ts";

/** Everything that `npm run fuzz` can be told to fuzz. */
export const TARGETS: readonly FuzzTarget[] = [
  HPACK_TARGET,
  HTTP1_TARGET,
  HTTP2_TARGET,
  REGEX_TARGET,
  CLIENT_HELLO_TARGET,
  PROXY_HEADER_TARGET,
  PEER_METADATA_TARGET,
];
