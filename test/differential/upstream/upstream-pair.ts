import type { RunningProxy } from "../../../proxy/main.ts";
import { requirePeer } from "../../support/mocha/skip.ts";
import type { Part } from "../../support/proxy-sketch.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { startProxy } from "../../support/start-proxy.ts";
import { type Envoy, startEnvoy } from "../pair/envoy.ts";
import type { Both } from "../pair/pair.ts";

/** One of the two proxies, with an upstream of its own. */
export interface Side {
  readonly upstream: RawUpstream;
  /** The port of a listener. */
  portOf(listener: string): number;
}

/** Envoy and our proxy with the same configuration, each before an upstream that a test plays. */
export class UpstreamPair {
  readonly #envoy: Envoy;
  readonly #ours: RunningProxy;
  readonly #upstreams: Both<RawUpstream>;

  private constructor(envoy: Envoy, ours: RunningProxy, upstreams: Both<RawUpstream>) {
    this.#envoy = envoy;
    this.#ours = ours;
    this.#upstreams = upstreams;
  }

  /**
   * Starts both; skips the running test when there is no Envoy.
   *
   * @param toResources The static resources, given the port of the upstream.
   */
  static async start(
    context: Mocha.Context,
    toResources: (port: number) => Part,
  ): Promise<UpstreamPair> {
    const program = requirePeer(context, "envoy");
    const upstreams = { envoy: await RawUpstream.listen(), ours: await RawUpstream.listen() };
    const admin = { address: { socket_address: { address: "127.0.0.1", port_value: 0 } } };
    const configOf = ({ port }: RawUpstream): string => {
      const static_resources = toResources(port);
      return JSON.stringify({ admin, stats_flush_on_admin: true, static_resources });
    };
    const ours = await startProxy({ config: configOf(upstreams.ours), logLevel: "error" });
    return new UpstreamPair(await startEnvoy(program, configOf(upstreams.envoy)), ours, upstreams);
  }

  /** Plays the same on both, one after the other. */
  async play<Seen>(scene: (side: Side) => Promise<Seen>): Promise<Both<Seen>> {
    const { listenerAddresses } = this.#ours;
    return {
      envoy: await scene({
        upstream: this.#upstreams.envoy,
        portOf: (name) => this.#envoy.ports.get(name) ?? 0,
      }),
      ours: await scene({
        upstream: this.#upstreams.ours,
        portOf: (name) => listenerAddresses.find((each) => each.name === name)?.port ?? 0,
      }),
    };
  }

  /** The statistics that have such names. */
  async readStats(names: RegExp): Promise<Both<Record<string, number>>> {
    const pick = (all: ReadonlyMap<string, number>): Record<string, number> =>
      Object.fromEntries([...all].filter(([name]) => names.test(name)).sort());
    return {
      envoy: pick(await this.#envoy.readStats()),
      ours: pick(await this.#ours.readStats()),
    };
  }

  async stop(): Promise<void> {
    await Promise.all([this.#envoy.stop(), this.#ours.stop()]);
    this.#upstreams.envoy.close();
    this.#upstreams.ours.close();
  }
}
