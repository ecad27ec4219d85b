import type { TlsContextModel } from "../config/tls-model.ts";
import type { Logger } from "../observe/log.ts";

/** A change of several files, such as certificate and key, is over then, in milliseconds. */
const SETTLE_MS = 100;

/** How one context reads now: its secrets, or why they cannot be used. */
export type SecretRefresh =
  | { readonly path: string; readonly context: TlsContextModel }
  | { readonly path: string; readonly reason: string };

/** What a watcher needs of the world. */
export interface SecretSurroundings {
  /** Calls back when anything changes in a folder. */
  watch(folder: string, onChange: () => void): { close(): void };
  /** Reads the secrets of every context again. */
  refresh(): Promise<readonly SecretRefresh[]>;
  /** The secrets of a context are others now. */
  onChanged(context: TlsContextModel): void;
  /** The secrets of a context cannot be used: those before stay. */
  onRejected(path: string): void;
}

/** Notices that secrets changed in their files. One that is no use never replaces a good one. */
export class SecretWatcher {
  readonly #world: SecretSurroundings;
  readonly #log: Logger;
  readonly #known = new Map<string, string>();
  #watches: { close(): void }[] = [];
  #timer: NodeJS.Timeout | null = null;
  /** What is read for the contexts before is dropped. */
  #generation = 0;

  constructor(world: SecretSurroundings, log: Logger) {
    this.#world = world;
    this.#log = log;
  }

  /** Watches the files of these contexts instead of those before. */
  start(contexts: readonly TlsContextModel[]): void {
    this.stop();
    for (const context of contexts) this.#known.set(context.path, JSON.stringify(context));
    const folders = new Set(contexts.flatMap(({ watched }) => watched));
    for (const folder of folders) {
      try {
        this.#watches.push(this.#world.watch(folder, () => this.#onChange()));
      } catch (error) {
        this.#log.warning(`cannot watch ${folder}: ${error}`);
      }
    }
  }

  /** Watches nothing any more. */
  stop(): void {
    this.#generation++;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const watch of this.#watches) watch.close();
    this.#watches = [];
    this.#known.clear();
  }

  #onChange(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.#read(this.#generation);
    }, SETTLE_MS);
  }

  async #read(generation: number): Promise<void> {
    try {
      const refreshes = await this.#world.refresh();
      if (generation !== this.#generation) return;
      for (const refresh of refreshes) this.#take(refresh);
    } catch (error) {
      this.#log.error(`secrets cannot be read again: ${error}`);
    }
  }

  #take(refresh: SecretRefresh): void {
    const { path } = refresh;
    if ("reason" in refresh) {
      this.#log.warning(`secrets rejected, those before stay: ${refresh.reason}`);
      this.#world.onRejected(path);
      return;
    }
    const text = JSON.stringify(refresh.context);
    if (this.#known.get(path) === text) return;
    this.#known.set(path, text);
    this.#log.info(`secrets updated: ${path}`);
    this.#world.onChanged(refresh.context);
  }
}
