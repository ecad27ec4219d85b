import assert from "node:assert/strict";
import { HCM_STATS, IMAGE_CLUSTERS } from "../../../api/engine/image.ts";
import { EVENT_REQUEST } from "../../../api/engine/layout.ts";
import { HTTP_DOWNSTREAM_RQ_ACTIVE, UPSTREAM_STATS_BYTES } from "../../../api/engine/stats.ts";
import { compileBootstrap } from "../../../proxy/compiler/compile-bootstrap.ts";
import type { Engine } from "../../../proxy/engine/engine.ts";
import { ScopeBlocks } from "../../../proxy/worker/scope-blocks.ts";
import { loadEngine } from "../../support/load-engine.ts";
import { type ProxySketch, toBootstrap } from "../../support/proxy-sketch.ts";

/** Where the parts of a configuration lie in the engine. */
interface Loaded {
  readonly image: number;
  readonly hcm: number;
  readonly cluster: number;
}

/** One downstream and one upstream connection of an engine, without sockets. */
export class Exchange {
  readonly engine: Engine = loadEngine();
  readonly downstream: number;
  readonly upstream: number;
  readonly #loaded: Loaded;

  constructor(sketch: Partial<ProxySketch> = {}) {
    this.#loaded = this.#load(sketch);
    const { image, hcm } = this.#loaded;
    this.downstream = this.engine.calls.openDownstream(image, hcm, 0, 1);
    this.upstream = this.openUpstream();
  }

  /** Loads another configuration, with which the downstream connection goes on. */
  rebase(sketch: Partial<ProxySketch>): void {
    const { image, hcm } = this.#load(sketch);
    this.engine.calls.rebase(this.downstream, image, hcm);
  }

  #load(sketch: Partial<ProxySketch>): Loaded {
    const { engine } = this;
    const config = toBootstrap({ endpoints: [1], ...sketch });
    const work = { id: 0, name: "test.json", config, version: 1, logSinks: [] };
    const { snapshot } = compileBootstrap(work);
    const image = engine.calls.allocate(snapshot.image.length);
    engine.bytes.set(snapshot.image, image);
    // The cluster's is the largest block.
    new ScopeBlocks(engine, () => UPSTREAM_STATS_BYTES).bindImage(image);
    const hcm = image + snapshot.listeners[0].filterChains[0].terminal.record;
    return { image, hcm, cluster: image + engine.field(image, IMAGE_CLUSTERS) };
  }

  /** Has a connection read Latin-1 text. */
  receive(record: number, text: string): number {
    this.engine.input.set(Buffer.from(text, "latin1"));
    return this.engine.calls.receive(record, text.length, 2);
  }

  /** Has another connection read into the region that all share. */
  scribble(): void {
    this.engine.input.fill(120);
  }

  get output(): string {
    return Buffer.from(this.engine.output()).toString("latin1");
  }

  /** Has the upstream close, or reset, its connection. */
  endUpstream(isReset: boolean): number {
    return this.engine.calls.endUpstream(this.upstream, isReset ? 1 : 0, 3);
  }

  /** Another connection to the upstream. */
  openUpstream(): number {
    const { address, length } = this.engine.keepText("127.0.0.1:1");
    return this.engine.calls.openUpstream(this.#loaded.cluster, address, length, 1);
  }

  /** A local reply in place of what the stream waited for. */
  reply(stream: number, status: number, body: string): number {
    this.engine.calls.detach(stream);
    const { address, lengths } = this.engine.placeTexts(["details", body]);
    const [details, bytes] = lengths;
    return this.engine.calls.replyLocally(stream, status, -1, 0, address, details, bytes, 3);
  }

  /** A field of a record. */
  field(record: number, offset: number): number {
    return this.engine.field(record, offset);
  }

  /** A request whose head is with the upstream; returns the stream. */
  begin(text: string): number {
    assert.equal(this.receive(this.downstream, text), EVENT_REQUEST);
    const stream = this.engine.mailStream;
    assert.equal(this.engine.calls.attempt(stream, this.upstream, 2), 0);
    return stream;
  }

  has(flag: number): boolean {
    return (this.engine.mailFlags & flag) !== 0;
  }

  get activeCount(): number {
    return this.engine.floats[
      (this.engine.field(this.#loaded.hcm, HCM_STATS) >> 3) + HTTP_DOWNSTREAM_RQ_ACTIVE
    ];
  }
}
