import { CLUSTER_BYTES, IMAGE_CLUSTERS } from "../../api/engine/image.ts";
import { Cluster, type ClusterSetting } from "../cluster/cluster.ts";
import type { Snapshot } from "../config/model.ts";
import type { SharedCell } from "../tcp/filter/shared-cell.ts";
import type { ScopeBlocks } from "./scope-blocks.ts";

/**
 * A snapshot that is loaded: its image in the engine's memory and its clusters. It is kept while
 * anything uses it and freed after the last use, if another has taken its place.
 */
export class RunningSnapshot {
  readonly model: Snapshot;
  /** Address of the image. */
  readonly image: number;
  readonly clusters: readonly Cluster[];
  /** What network filters share with other workers, by place. */
  readonly cells: readonly SharedCell[];
  readonly #setting: ClusterSetting;
  #useCount = 0;
  #isReplaced = false;

  /** Loads a snapshot; clusters that did not change are taken over from `previous`. */
  constructor(
    setting: ClusterSetting,
    scopes: ScopeBlocks,
    model: Snapshot,
    previous: RunningSnapshot | null,
    cells: readonly SharedCell[] = [],
  ) {
    this.#setting = setting;
    this.cells = cells;
    this.model = model;
    const { engine } = setting;
    this.image = engine.calls.allocate(model.image.length);
    engine.bytes.set(model.image, this.image);
    scopes.bindImage(this.image);
    const records = this.image + engine.field(this.image, IMAGE_CLUSTERS);
    const old = new Map(previous?.clusters.map((cluster) => [cluster.model.name, cluster]));
    this.clusters = model.clusters.map((cluster, index) => {
      const record = records + index * CLUSTER_BYTES;
      const known = old.get(cluster.name);
      const kept = known?.rebind(setting, cluster, index, record) ?? null;
      if (kept === null) return new Cluster(setting, cluster, index, record);
      old.delete(cluster.name);
      return kept;
    });
    for (const gone of old.values()) gone.drain();
  }

  /** Something begins to use the snapshot. */
  use(): void {
    this.#useCount++;
  }

  /** Something stopped using the snapshot. */
  leave(): void {
    this.#useCount--;
    this.#freeIfUnused();
  }

  /** Another snapshot took its place. */
  replace(): void {
    this.#isReplaced = true;
    this.#freeIfUnused();
  }

  #freeIfUnused(): void {
    if (this.#isReplaced && this.#useCount === 0) this.#setting.engine.calls.release(this.image);
  }
}
