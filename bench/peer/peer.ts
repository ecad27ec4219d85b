import type { Configuration, Site } from "../config/configuration.ts";
import type { Found } from "../process/find-program.ts";

/** The names that `--peers` takes, in the order of the report. */
export const PEER_NAMES = ["causeway", "envoy", "nginx", "haproxy", "http-proxy"] as const;

/** One of the proxies that are measured. */
export type PeerName = (typeof PEER_NAMES)[number];

/** How to start a proxy. */
export interface PeerLaunch {
  readonly file: string;
  readonly args: readonly string[];
  /** File name → content, to be written into the site's folder first. */
  readonly files: Readonly<Record<string, string>>;
  /** Asked until it answers 200; `null` for a proxy that is ready when it passes a request on. */
  readonly readyUrl: string | null;
}

/** A proxy that the bench knows how to find and start. */
export interface Peer {
  readonly name: PeerName;
  /** How to get it, for somebody who lacks it. */
  readonly remedy: string;
  /** `null` when it is not on this machine. */
  find(): Found | null;
  /** False for what the proxy has no notion of, such as HBONE, or routes in a bare library. */
  serves(configuration: Configuration): boolean;
  launch(found: Found, configuration: Configuration, site: Site): PeerLaunch;
}
