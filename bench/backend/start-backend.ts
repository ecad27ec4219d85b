import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Upstream } from "../config/configuration.ts";
import { awaitReply } from "../process/await-reply.ts";
import { findFreePort } from "../process/free-port.ts";
import { type Command, type Daemon, startDaemon } from "../process/spawn.ts";
import { BODIES, GRPC_MESSAGE_BYTES, UPLOAD_PATH } from "./bodies.ts";
import { renderGrpcMessage } from "./grpc-message.ts";
import { GRPC_FILE, type NginxPorts, renderBackend } from "./render-backend.ts";

/** The servers behind every proxy. */
export interface Backend {
  readonly ports: Readonly<Record<Upstream, number>>;
  readonly daemons: readonly Daemon[];
}

/** What the backend is to be started with. */
export interface BackendStart {
  /** `null` where nginx is absent. */
  readonly nginxPath: string | null;
  readonly folder: string;
  readonly cores: string | null;
}

/**
 * Starts the backend: nginx, one process, and beside it our own small server that echoes. Where
 * nginx is absent, small servers of our own do its work.
 */
export async function startBackend(start: BackendStart): Promise<Backend> {
  const ports: Record<Upstream, number> = {
    http1: await findFreePort(),
    h2c: await findFreePort(),
    "echo-http1": await findFreePort(),
    "echo-h2c": await findFreePort(),
  };
  const { nginxPath, folder } = start;
  const echoPorts = [ports["echo-http1"], ports["echo-h2c"]].map(String);
  const echo = toNodeCommand("echo-backend-main.ts", echoPorts);
  const commands = [{ name: "echo", port: ports["echo-http1"], command: echo }];
  if (nginxPath === null) {
    const command = toNodeCommand("node-backend-main.ts", [String(ports.http1)]);
    commands.push({ name: "backend", port: ports.http1, command });
    ports.h2c = ports["echo-h2c"];
  } else {
    const args = ["-p", folder, "-c", writeNginxFiles(folder, ports)];
    commands.push({ name: "backend", port: ports.http1, command: { file: nginxPath, args } });
  }
  const daemons = await Promise.all(commands.map((command) => startServer(command, start)));
  return { ports, daemons };
}

interface Server {
  readonly name: string;
  readonly port: number;
  readonly command: Omit<Command, "cores">;
}

async function startServer({ name, port, command }: Server, start: BackendStart): Promise<Daemon> {
  const logPath = join(start.folder, `${name}.log`);
  const daemon = startDaemon({ ...command, cores: start.cores }, logPath);
  await awaitReply(`http://127.0.0.1:${port}/`, { daemon, logPath });
  return daemon;
}

function toNodeCommand(name: string, args: readonly string[]): Omit<Command, "cores"> {
  const path = fileURLToPath(new URL(name, import.meta.url));
  return { file: process.execPath, args: [path, ...args] };
}

function writeNginxFiles(folder: string, ports: NginxPorts): string {
  mkdirSync(join(folder, "bodies"), { recursive: true });
  for (const { path, bytes } of BODIES) {
    writeFileSync(join(folder, "bodies", path), Buffer.alloc(bytes, "x"));
  }
  writeFileSync(join(folder, "bodies", UPLOAD_PATH), "");
  writeFileSync(join(folder, "bodies", GRPC_FILE), renderGrpcMessage(GRPC_MESSAGE_BYTES));
  const configurationPath = join(folder, "backend.conf");
  writeFileSync(configurationPath, renderBackend(folder, ports));
  return configurationPath;
}
