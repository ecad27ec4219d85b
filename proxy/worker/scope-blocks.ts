import {
  METHOD_BLOCK,
  METHOD_CLUSTER,
  METHOD_NAME,
  METHOD_NAME_BYTES,
  METHOD_NEXT,
} from "../../api/engine/grpc-stats.ts";
import {
  IMAGE_SCOPES,
  SCOPE_BYTES,
  SCOPE_FIELD,
  SCOPE_KIND,
  SCOPE_NAME,
} from "../../api/engine/image.ts";
import type { Engine } from "../engine/engine.ts";
import type { ScopeAddress } from "../observe/stat/stat-report.ts";
import { SCOPE_KIND_GRPC } from "../observe/stat/scope-kind.ts";
import { sanitizeStatName } from "../observe/stat/stat-scope.ts";

/**
 * The statistics blocks of a worker. A block lives as long as the worker, under its kind and name,
 * so that numbers go on when configuration is replaced.
 */
export class ScopeBlocks {
  readonly #engine: Engine;
  readonly #blocks = new Map<string, ScopeAddress>();
  readonly #sizes: (kind: number) => number;

  /** @param sizeOf Bytes of a block of a kind. */
  constructor(engine: Engine, sizeOf: (kind: number) => number) {
    this.#engine = engine;
    this.#sizes = sizeOf;
  }

  /** Every block there is. */
  get all(): readonly ScopeAddress[] {
    return [...this.#blocks.values(), ...this.#methods()];
  }

  /** The blocks of gRPC methods, which the engine makes when they are called. */
  #methods(): ScopeAddress[] {
    const engine = this.#engine;
    const clusters = new Map(Array.from(this.#blocks.values(), (each) => [each.address, each]));
    const methods: ScopeAddress[] = [];
    let record = engine.calls.newestMethod();
    for (; record !== 0; record = engine.field(record, METHOD_NEXT)) {
      const cluster = clusters.get(engine.field(record, METHOD_CLUSTER))?.name ?? "";
      const text = engine.field(record, METHOD_NAME);
      const bytes = engine.bytes.subarray(text, text + engine.field(record, METHOD_NAME_BYTES));
      const name = `${sanitizeStatName(cluster)}.${new TextDecoder().decode(bytes)}`;
      methods.push({ kind: SCOPE_KIND_GRPC, name, address: record + METHOD_BLOCK });
    }
    return methods;
  }

  /** The address of a block, which is made when it is not there. */
  address(kind: number, name: string): number {
    const key = `${kind} ${name}`;
    const known = this.#blocks.get(key);
    if (known !== undefined) return known.address;
    const size = this.#sizes(kind);
    const address = this.#engine.calls.allocate(size);
    this.#engine.bytes.fill(0, address, address + size);
    this.#blocks.set(key, { kind, name, address });
    return address;
  }

  /** Fills in the statistics addresses of an image that was just loaded. */
  bindImage(image: number): void {
    const { engine } = { engine: this.#engine };
    const first = image + engine.field(image, IMAGE_SCOPES);
    const count = engine.field(image, IMAGE_SCOPES + 4);
    for (let i = 0; i < count; i++) {
      const scope = first + i * SCOPE_BYTES;
      const text = image + engine.field(scope, SCOPE_NAME);
      const bytes = engine.bytes.subarray(text, text + engine.field(scope, SCOPE_NAME + 4));
      const name = new TextDecoder().decode(bytes);
      const address = this.address(engine.field(scope, SCOPE_KIND), name);
      engine.words[(image + engine.field(scope, SCOPE_FIELD)) >> 2] = address;
    }
  }
}
