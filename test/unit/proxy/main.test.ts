import assert from "node:assert/strict";
import { fromJson } from "@bufbuild/protobuf";
import { BootstrapSchema } from "../../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { createProxy, type RunningProxy, validateConfig } from "../../../proxy/main.ts";

const EXTENSIONS = "type.googleapis.com/envoy.extensions.filters";
const ANY_PORT = "{socket_address: {address: 127.0.0.1, port_value: 0}}";

/** A proxy that answers every request with a text. */
function config(answer: string): string {
  return `
admin: {address: ${ANY_PORT}}
static_resources:
  listeners:
  - name: main
    address: ${ANY_PORT}
    filter_chains:
    - filters:
      - name: http
        typed_config:
          "@type": ${EXTENSIONS}.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: in
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: {prefix: /}
                direct_response: {status: 200, body: {inline_string: ${answer}}}
          http_filters:
          - name: router
            typed_config: {"@type": ${EXTENSIONS}.http.router.v3.Router}
`;
}

const QUIET = { concurrency: 1, logLevel: "off" } as const;

/** The body that the proxy's first listener answers with, on a connection of its own. */
async function ask(proxy: RunningProxy): Promise<string> {
  const [{ port }] = proxy.listenerAddresses;
  const headers = { connection: "close" };
  const response = await fetch(`http://127.0.0.1:${port}/`, { headers });
  return response.text();
}

describe("createProxy", () => {
  let proxy: RunningProxy;

  before(async () => {
    proxy = await createProxy({
      config: config("one"),
      shownFlags: { configPath: "envoy.yaml", baseId: 7 },
      ...QUIET,
    });
  });
  after(() => proxy.stop());

  it("createProxy: says where it listens, with real ports", () => {
    const [first, ...others] = proxy.listenerAddresses;
    assert.deepEqual([first.name, first.address, others.length], ["main", "127.0.0.1", 0]);
    assert.ok(first.port > 0);
    assert.equal(proxy.adminAddress?.address, "127.0.0.1");
    assert.ok((proxy.adminAddress?.port ?? 0) > 0);
  });

  it("RunningProxy: readStats counts requests under Envoy's names", async () => {
    const name = "http.in.downstream_rq_2xx";
    const before = (await proxy.readStats()).get(name) ?? 0;
    assert.equal(await ask(proxy), "one");
    assert.equal((await proxy.readStats()).get(name), before + 1);
  });

  it("RunningProxy: replace takes effect for the next request, on the same port", async () => {
    const [{ port }] = proxy.listenerAddresses;
    await proxy.replace(config("two"));
    assert.equal(await ask(proxy), "two");
    assert.equal(proxy.listenerAddresses[0].port, port);
  });

  it("RunningProxy: a configuration that is refused changes nothing", async () => {
    const before = await ask(proxy);
    await assert.rejects(proxy.replace("nothing: 1"), { code: "CONFIG_INVALID" });
    assert.equal(await ask(proxy), before);
  });

  it("RunningProxy: /server_info has the command line as Envoy writes it", async () => {
    const { address, port } = proxy.adminAddress ?? assert.fail();
    const answer = await fetch(`http://${address}:${port}/server_info`);
    const { command_line_options: shown } = JSON.parse(await answer.text());
    const { base_id, concurrency, config_path, config_yaml, log_level, log_format } = shown;
    assert.deepEqual(
      { base_id, concurrency, config_path, config_yaml, log_level, log_format },
      {
        base_id: "7",
        concurrency: 1,
        config_path: "envoy.yaml",
        config_yaml: "",
        log_level: "off",
        log_format: "[%Y-%m-%d %T.%e][%t][%l][%n] [%g:%#] %v",
      },
    );
    const { drain_time, parent_shutdown_time, file_flush_interval, mode } = shown;
    assert.deepEqual(
      { drain_time, parent_shutdown_time, file_flush_interval, mode },
      {
        drain_time: "600s",
        parent_shutdown_time: "900s",
        file_flush_interval: "1s",
        mode: "Serve",
      },
    );
    const { disable_hot_restart, drain_strategy } = shown;
    assert.deepEqual([disable_hot_restart, drain_strategy], [true, "Immediate"]);
  });

  it("RunningProxy: /quitquitquit asks for the end", async () => {
    const { address, port } = proxy.adminAddress ?? assert.fail();
    await fetch(`http://${address}:${port}/quitquitquit`, { method: "POST" });
    await proxy.quitRequested;
  });

  it("createProxy: a wrong configuration rejects, with what is wrong by its path", async () => {
    const message = /^mine\.yaml: .*admin\.nothing/s;
    const options = { config: "admin: {nothing: 1}", configName: "mine.yaml", ...QUIET };
    await assert.rejects(createProxy(options), { code: "CONFIG_INVALID", message });
  });

  it("createProxy: takes a message of the generated types", async () => {
    const started = await createProxy({ config: fromJson(BootstrapSchema, {}), ...QUIET });
    assert.deepEqual(started.listenerAddresses, []);
    assert.equal(started.adminAddress, null);
    await started.drain();
    await started.stop();
  });

  it("validateConfig: is content with what is right, and says what is wrong", async () => {
    await validateConfig(config("x"), "mine.yaml");
    await assert.rejects(validateConfig("admin: {nothing: 1}", "mine.yaml"), {
      code: "CONFIG_INVALID",
    });
  });
});
