import { AskedFacts } from "../../../../../proxy/config/format/asked-facts.ts";
import type { FormatSetting } from "../../../../../proxy/config/format/format-setting.ts";

/** A machine for tests. */
export const MACHINE: FormatSetting = {
  hostname: "gateway-1",
  listenerName: "ingress",
  filterChainName: "",
  askedFacts: new AskedFacts(),
  environment(name) {
    if (name === "REGION") return "north";
    return name === "EMPTY" ? "" : undefined;
  },
  fileContent: () => new TextEncoder().encode("from a file: %RESPONSE_CODE%"),
};
