import type { FieldPath } from "../field-path.ts";
import type { AskedFacts } from "./asked-facts.ts";

/** What a format may say that the engine cannot know. */
export interface FormatSetting {
  /** Name of this machine. Envoy `%HOSTNAME%`. */
  readonly hostname: string;
  /** Names of the listener and the filter chain that the format belongs to, `""` for none. */
  readonly listenerName: string;
  readonly filterChainName: string;
  /** Gets what the formats ask for. */
  readonly askedFacts: AskedFacts;
  /** Value of an environment variable. */
  environment(name: string): string | undefined;
  /** Content of a file that a format is read from. */
  fileContent(filename: string, path: FieldPath): Uint8Array;
}
