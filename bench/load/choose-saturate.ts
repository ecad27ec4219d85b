import { isHttp2 } from "../config/configuration.ts";
import { saturateWithAutocannon } from "./autocannon.ts";
import { saturateWithH2load } from "./h2load.ts";
import type { Saturate } from "./saturation.ts";
import { saturateWithWrk } from "./wrk.ts";

/** Where the tools are; `null` for one that is absent. */
export interface LoadTools {
  readonly wrkPath: string | null;
  readonly h2loadPath: string | null;
}

/**
 * The tool for each case: h2load for HTTP/2; for the rest wrk, or autocannon where wrk is absent.
 * A case of HTTP/2 fails where there is no h2load.
 */
export function chooseSaturate({ wrkPath, h2loadPath }: LoadTools): Saturate {
  return async (how) => {
    if (!isHttp2(how.downstream)) {
      return wrkPath === null ? saturateWithAutocannon(how) : saturateWithWrk(wrkPath, how);
    }
    if (h2loadPath === null) throw new Error("needs h2load: apt-get install nghttp2-client");
    return saturateWithH2load(h2loadPath, how);
  };
}
