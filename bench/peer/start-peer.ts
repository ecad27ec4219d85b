import { setTimeout } from "node:timers/promises";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Configuration, Site } from "../config/configuration.ts";
import { askProxy } from "../process/ask-status.ts";
import { awaitReply } from "../process/await-reply.ts";
import type { Found } from "../process/find-program.ts";
import { type Daemon, startDaemon } from "../process/spawn.ts";
import type { Peer } from "./peer.ts";

/** A peer that is on this machine. */
export interface PresentPeer {
  readonly peer: Peer;
  readonly found: Found;
}

/** Which configuration a proxy is started with, where, and on which cores. */
export interface PeerStart {
  readonly configuration: Configuration;
  readonly site: Site;
  readonly cores: string | null;
  /** A path that the configuration routes to the backend. */
  readonly path: string;
}

/** How long a proxy is left alone after its start, in milliseconds. */
const SETTLE_MS = 1_000;

/**
 * Starts a proxy and waits until it is ready and has passed a first request on.
 *
 * @throws Error with a line of the proxy's log when it does not get there.
 */
export async function startPeer({ peer, found }: PresentPeer, start: PeerStart): Promise<Daemon> {
  const { configuration, site, cores, path } = start;
  mkdirSync(site.folder, { recursive: true });
  const launch = peer.launch(found, configuration, site);
  for (const [name, content] of Object.entries(launch.files)) {
    writeFileSync(join(site.folder, name), content);
  }
  const logPath = join(site.folder, `${peer.name}.log`);
  const daemon = startDaemon({ file: launch.file, args: launch.args, cores }, logPath);
  try {
    if (launch.readyUrl !== null) await awaitReply(launch.readyUrl, { daemon, logPath });
    const question = { port: site.proxyPort, path, downstream: configuration.downstream };
    const ask = () => askProxy({ ...question, tlsFolder: site.tlsFolder });
    await awaitReply(`127.0.0.1:${site.proxyPort}${path}`, { daemon, logPath }, ask);
    // Helpers of the start, such as Causeway's configuration compiler, end by themselves.
    await setTimeout(SETTLE_MS);
  } catch (error) {
    await daemon.stop();
    throw error;
  }
  return daemon;
}
