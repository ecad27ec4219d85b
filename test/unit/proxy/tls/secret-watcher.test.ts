import assert from "node:assert/strict";
import { mock } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { TlsContextModel } from "../../../../proxy/config/tls-model.ts";
import { Log } from "../../../../proxy/observe/log.ts";
import { type SecretRefresh, SecretWatcher } from "../../../../proxy/tls/secret-watcher.ts";
import { clientModel } from "../../../support/tls/model.ts";

function context(path: string, curve: string): TlsContextModel {
  return clientModel({ path, curves: [curve], watched: ["/a", "/b"] });
}

/** A watcher whose folders and files are the test's. */
class Scene {
  readonly events: string[] = [];
  readonly folders = new Map<string, () => void>();
  refreshes: readonly SecretRefresh[] = [];
  readonly watcher = new SecretWatcher(
    {
      watch: (folder, onChange) => {
        if (folder === "/gone") throw new Error("no such folder");
        this.folders.set(folder, onChange);
        return { close: () => this.folders.delete(folder) };
      },
      refresh: () => {
        this.events.push("refresh");
        return Promise.resolve(this.refreshes);
      },
      onChanged: ({ path, curves }) => this.events.push(`${path} has ${curves}`),
      onRejected: (path) => this.events.push(`${path} rejected`),
    },
    new Log({ level: "off" }).logger("secret"),
  );

  /** Something changes in a folder, and settles. */
  async change(folder: string, count = 1): Promise<void> {
    for (let i = 0; i < count; i++) this.folders.get(folder)?.();
    mock.timers.tick(100);
    await setImmediate();
  }
}

describe("secret watcher", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
  afterEach(() => mock.timers.reset());

  it("start: the folders of all contexts are watched, each once", () => {
    const scene = new Scene();
    scene.watcher.start([context("x", "1"), context("y", "1")]);
    assert.deepEqual([...scene.folders.keys()], ["/a", "/b"]);
    scene.watcher.stop();
    assert.equal(scene.folders.size, 0);
  });

  it("start: a folder that cannot be watched does not stop the others", () => {
    const scene = new Scene();
    scene.watcher.start([clientModel({ watched: ["/gone", "/a"] })]);
    assert.deepEqual([...scene.folders.keys()], ["/a"]);
  });

  it("change: many events at once are one reading, and only what differs is told", async () => {
    const scene = new Scene();
    scene.watcher.start([context("x", "1"), context("y", "1")]);
    scene.refreshes = [
      { path: "x", context: context("x", "1") },
      { path: "y", context: context("y", "2") },
    ];
    await scene.change("/a", 5);
    assert.deepEqual(scene.events, ["refresh", "y has 2"]);
    await scene.change("/b");
    assert.deepEqual(scene.events, ["refresh", "y has 2", "refresh"]);
  });

  it("change: a secret that is no use is told, and takes no other along", async () => {
    const scene = new Scene();
    scene.watcher.start([context("x", "1"), context("y", "1")]);
    scene.refreshes = [
      { path: "x", reason: "broken" },
      { path: "y", context: context("y", "2") },
    ];
    await scene.change("/a");
    assert.deepEqual(scene.events, ["refresh", "x rejected", "y has 2"]);
  });

  it("stop: what was being read is dropped", async () => {
    const scene = new Scene();
    scene.watcher.start([context("x", "1")]);
    scene.refreshes = [{ path: "x", context: context("x", "2") }];
    scene.folders.get("/a")?.();
    mock.timers.tick(100);
    scene.watcher.stop();
    await setImmediate();
    assert.deepEqual(scene.events, ["refresh"]);
  });
});
