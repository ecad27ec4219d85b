import { UPSTREAM_ORIGINAL_DST_HOST_INVALID } from "../../api/engine/stats.ts";
import type { OriginalDstModel } from "../config/model.ts";
import type { ClusterView } from "./cluster-view.ts";
import { Endpoint } from "./endpoint.ts";
import { findDestination, toDestinationModel } from "./original-dst.ts";

/** The endpoints of an ORIGINAL_DST cluster: made when somebody goes there, and forgotten. */
export class Destinations {
  readonly #cluster: ClusterView;
  readonly #model: OriginalDstModel;
  readonly #endpoints = new Map<string, Endpoint>();
  /** Those that were not asked for since the last look. */
  readonly #unused = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(cluster: ClusterView, model: OriginalDstModel) {
    this.#cluster = cluster;
    this.#model = model;
  }

  get endpoints(): readonly Endpoint[] {
    return [...this.#endpoints.values()];
  }

  /** Where a stream goes, or null when nothing says so. */
  pick(stream: number): Endpoint | null {
    const address = findDestination(this.#cluster.engine, stream, this.#model, () => {
      this.#cluster.count(UPSTREAM_ORIGINAL_DST_HOST_INVALID, 1);
    });
    if (address === null || address.kind !== "tcp") return null;
    const key = `${address.host} ${address.port}`;
    this.#unused.delete(key);
    const known = this.#endpoints.get(key);
    if (known !== undefined) return known;
    const endpoint = new Endpoint(this.#cluster, toDestinationModel(address));
    this.#endpoints.set(key, endpoint);
    this.#timer ??= setInterval(() => this.#cleanUp(), this.#model.cleanupMs).unref();
    return endpoint;
  }

  /** Forgets no more: the cluster is gone. */
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Lets go of what nobody went to since the last time, and has no connection. */
  #cleanUp(): void {
    for (const [key, endpoint] of this.#endpoints) {
      if (this.#unused.has(key) && endpoint.isUnused) {
        endpoint.drain();
        this.#endpoints.delete(key);
        this.#unused.delete(key);
      } else {
        this.#unused.add(key);
      }
    }
    if (this.#endpoints.size === 0) this.stop();
  }
}
