import { HPACK_TARGET } from "./hpack.ts";
import { HTTP1_TARGET } from "./http1/http1.ts";
import { REGEX_TARGET } from "./regex.ts";
import type { FuzzTarget } from "./target.ts";

/** Everything that `npm run fuzz` can be told to fuzz. */
export const TARGETS: readonly FuzzTarget[] = [HPACK_TARGET, HTTP1_TARGET, REGEX_TARGET];
