import { setTimeout } from "node:timers/promises";
import type { RunningProxy } from "../../../proxy/main.ts";
import { startProxy } from "../../support/start-proxy.ts";
import { type ListenerSketch, toListenerBootstrap } from "../../support/listener/sketch.ts";
import { requirePeer } from "../../support/mocha/skip.ts";
import { type Envoy, startEnvoy } from "../pair/envoy.ts";
import type { Both } from "../pair/pair.ts";

/** Statistics of Envoy's own, of times, and those of TLS that node does not tell. */
const OWN = /^listener\.admin\.|_ms$|worker_|connections_accepted|\.ssl\.(?:certificate|curves)/;

/** How often, and after how many milliseconds, is looked whether connections are gone. */
const POLLS_MAX = 50;
const POLL_MS = 100;

function isActive(name: string): boolean {
  return name.endsWith(".downstream_cx_active");
}

/** Envoy and our proxy with the same listeners, which answer by themselves. */
export class ListenerPair {
  readonly #envoy: Envoy;
  readonly #ours: RunningProxy;

  private constructor(envoy: Envoy, ours: RunningProxy) {
    this.#envoy = envoy;
    this.#ours = ours;
  }

  /** Starts both; skips the running test when there is no Envoy. */
  static async start(
    context: Mocha.Context,
    sketches: readonly ListenerSketch[],
  ): Promise<ListenerPair> {
    const program = requirePeer(context, "envoy");
    const admin = { address: { socket_address: { address: "127.0.0.1", port_value: 0 } } };
    const config = toListenerBootstrap(sketches, { admin, stats_flush_on_admin: true });
    const ours = await startProxy({ config, logLevel: "error" });
    return new ListenerPair(await startEnvoy(program, config), ours);
  }

  /** Asks both the same. */
  async ask<Answer>(name: string, ask: (port: number) => Promise<Answer>): Promise<Both<Answer>> {
    const own = this.#ours.listenerAddresses.find((each) => each.name === name);
    const ports = { envoy: this.#envoy.ports.get(name) ?? 0, ours: own?.port ?? 0 };
    const [envoy, ours] = await Promise.all([ask(ports.envoy), ask(ports.ours)]);
    return { envoy, ours };
  }

  /** What listeners and their filters have counted, without what is 0. */
  async stats(): Promise<Both<Record<string, number>>> {
    const own = /^(listener|tls_inspector|http_inspector|proxy_proto|downstream_cx_proxy)/;
    const pick = (all: ReadonlyMap<string, number>): Record<string, number> =>
      Object.fromEntries(
        [...all]
          .filter(([name, value]) => own.test(name) && !OWN.test(name) && value !== 0)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      );
    for (let left = POLLS_MAX; ; left--) {
      const envoy = pick(await this.#envoy.readStats());
      const ours = pick(await this.#ours.readStats());
      // A connection that was closed is counted as active until its proxy has come to it.
      const isBusy = [envoy, ours].some((each) => Object.keys(each).some(isActive));
      if (!isBusy || left === 0) return { envoy, ours };
      await setTimeout(POLL_MS);
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.#envoy.stop(), this.#ours.stop()]);
  }
}
