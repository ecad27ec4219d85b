import { Compiler } from "../../proxy/compiler/compiler.ts";
import { createProxy, type RunningProxy } from "../../proxy/main.ts";
import type { ProxyOptions } from "../../proxy/proxy-options.ts";

/** Longer than any pause between two proxies, in milliseconds. */
const COMPILER_IDLE_MS = 60_000;

/** One for all proxies of a test run: to start it is most of what starting a proxy takes. */
export const compiler: Compiler = new Compiler(COMPILER_IDLE_MS);

/** Starts a proxy with one worker and without a log. */
export function startProxy(
  options: Partial<ProxyOptions> & Pick<ProxyOptions, "config">,
): Promise<RunningProxy> {
  return createProxy({ concurrency: 1, logLevel: "off", compiler, ...options });
}
