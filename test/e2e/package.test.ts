import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { skipFor } from "../support/mocha/skip.ts";
import { launchNode, ROOT } from "./launch.ts";

/**
 * Packs this package as `npm publish` would and installs the tarball into an empty folder, without
 * the network: it is unpacked where npm would put it, its command is linked, and of the packages
 * installed here only the declared dependencies are linked beside it, so that one which is not
 * declared, or a file which is not shipped, is missed.
 */
describe("package", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "causeway-"));
  const modules = join(folder, "node_modules");
  const command = join(modules, ".bin/causeway");

  before(function () {
    if (!existsSync(`${ROOT}/proxy/main.ts`)) skipFor(this, "needs the data plane, proxy/main.ts");
    const npm = ["pack", "--silent", "--pack-destination", folder];
    const tarball = execFileSync("npm", npm, { cwd: ROOT, encoding: "utf8" })
      .trim()
      .split("\n")
      .at(-1);
    const installed = join(modules, "causeway");
    mkdirSync(installed, { recursive: true });
    execFileSync("tar", [
      "-xzf",
      join(folder, `${tarball}`),
      "-C",
      installed,
      "--strip-components=1",
    ]);
    const { bin, dependencies } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
    for (const name of Object.keys(dependencies)) link(join(ROOT, "node_modules", name), name);
    link(join(installed, bin.causeway), ".bin/causeway");
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  });
  after(() => rmSync(folder, { recursive: true }));

  function link(target: string, name: string): void {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(target, join(modules, name));
  }

  it("package: ships no TypeScript, which Node does not strip inside node_modules", () => {
    const listed = execFileSync("find", [join(modules, "causeway"), "-type", "f"], {
      encoding: "utf8",
    });
    const sources = listed.split("\n").filter((path) => /(?<!\.d)\.ts$/.test(path));
    assert.deepEqual(sources, []);
  });

  it("package: the command prints the version of the package", async () => {
    const { code, out } = await launchNode([command, "version"], folder).ended;
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    assert.equal(code, 0);
    assert.ok(out.startsWith(`causeway ${version} `), out);
  });

  it("package: causeway proxy reads the shipped example", async () => {
    const config = join(modules, "causeway/dist/examples/quickstart/envoy.yaml");
    const args = [command, "proxy", "--mode", "validate", "-c", config];
    const { code, out, err } = await launchNode(args, folder).ended;
    assert.equal(err, "");
    assert.equal(out, `configuration '${config}' OK\n`);
    assert.equal(code, 0);
  });

  it("package: the quickstart serves, and SIGTERM ends it", async () => {
    const ports = ["--listen-port", "0", "--admin-port", "0", "--shop-port", "0"];
    const quickstart = launchNode([command, ...ports], folder);
    const printed = await quickstart.waitFor("Ctrl-C stops everything.");
    const address = /curl -s (\S+\/reviews\/lantern)/.exec(printed)?.[1] ?? "";
    const response = await fetch(address);
    assert.equal(response.status, 200);
    assert.match(await response.text(), /"path": "\/v1\/reviews\/lantern"/);
    quickstart.process.kill("SIGTERM");
    assert.equal((await quickstart.ended).code, 0);
  });

  it("package: import { createProxy } starts a proxy", async () => {
    writeFileSync(join(folder, "embed.js"), EMBED);
    const { code, out, err } = await launchNode(["embed.js"], folder).ended;
    assert.equal(err, "");
    assert.equal(out, "200 hello\n");
    assert.equal(code, 0);
  });

  it("package: the declarations are those of the program", () => {
    writeFileSync(join(folder, "embed.ts"), EMBED_TYPES);
    const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
    const flags = [
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--skipLibCheck",
      "--types",
      "node",
    ];
    const types = join(ROOT, "node_modules/@types");
    execFileSync(process.execPath, [compiler, ...flags, "--typeRoots", types, "embed.ts"], {
      cwd: folder,
      encoding: "utf8",
    });
  });
});

/** A program that embeds the proxy: it answers by itself, is asked once, and is stopped. */
const EMBED = `
import { createProxy } from "causeway";

const manager = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
const router = "envoy.extensions.filters.http.router.v3.Router";
const config = {
  static_resources: {
    listeners: [{
      name: "hello",
      address: { socket_address: { address: "127.0.0.1", port_value: 0 } },
      filter_chains: [{
        filters: [{
          name: "envoy.filters.network.http_connection_manager",
          typed_config: {
            "@type": "type.googleapis.com/" + manager,
            stat_prefix: "hello",
            route_config: {
              virtual_hosts: [{
                name: "all",
                domains: ["*"],
                routes: [{
                  match: { prefix: "/" },
                  direct_response: { status: 200, body: { inline_string: "hello" } },
                }],
              }],
            },
            http_filters: [{
              name: "envoy.filters.http.router",
              typed_config: { "@type": "type.googleapis.com/" + router },
            }],
          },
        }],
      }],
    }],
  },
};
const proxy = await createProxy({
  config: JSON.stringify(config),
  concurrency: 1,
  logLevel: "warning",
});
const [{ port }] = proxy.listenerAddresses;
const response = await fetch("http://127.0.0.1:" + port, { headers: { connection: "close" } });
console.log(response.status, await response.text());
await proxy.stop();
`;

const EMBED_TYPES = `
import { createProxy, type RunningProxy } from "causeway";
import type { Bootstrap } from "causeway/api/envoy/config/bootstrap/v3/bootstrap_pb";

export async function start(config: Bootstrap): Promise<number> {
  const proxy: RunningProxy = await createProxy({ config, concurrency: 1 });
  // @ts-expect-error: a property that is not there, so that an "any" would be noticed.
  proxy.nothing;
  const statistics: ReadonlyMap<string, number> = await proxy.readStats();
  return statistics.size;
}
`;
