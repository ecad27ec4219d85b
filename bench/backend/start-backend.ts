import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { awaitReply } from "../process/await-reply.ts";
import { findFreePort } from "../process/free-port.ts";
import { type Command, type Daemon, startDaemon } from "../process/spawn.ts";
import { BODIES, UPLOAD_PATH } from "./bodies.ts";
import { renderBackend } from "./render-backend.ts";

/** The one server behind every proxy. */
export interface Backend {
  readonly port: number;
  readonly daemon: Daemon;
}

/**
 * Starts the backend: nginx, one process, or our own small server where nginx is absent.
 *
 * @param nginxPath `null` where nginx is absent.
 */
export async function startBackend(
  nginxPath: string | null,
  folder: string,
  cores: string | null,
): Promise<Backend> {
  const port = await findFreePort();
  const command: Command =
    nginxPath === null
      ? { file: process.execPath, args: [toNodeBackendPath(), String(port)], cores }
      : { file: nginxPath, args: ["-p", folder, "-c", writeNginxFiles(folder, port)], cores };
  const logPath = join(folder, "backend.log");
  const daemon = startDaemon(command, logPath);
  await awaitReply(`http://127.0.0.1:${port}/`, { daemon, logPath });
  return { port, daemon };
}

function toNodeBackendPath(): string {
  return fileURLToPath(new URL("node-backend-main.ts", import.meta.url));
}

function writeNginxFiles(folder: string, port: number): string {
  mkdirSync(join(folder, "bodies"), { recursive: true });
  for (const { path, bytes } of BODIES) {
    writeFileSync(join(folder, "bodies", path), Buffer.alloc(bytes, "x"));
  }
  writeFileSync(join(folder, "bodies", UPLOAD_PATH), "");
  const configurationPath = join(folder, "backend.conf");
  writeFileSync(configurationPath, renderBackend(folder, port));
  return configurationPath;
}
