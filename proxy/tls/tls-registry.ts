import type { TlsContextModel } from "../config/tls-model.ts";
import { ClientTls } from "./client-tls.ts";
import { ServerTls } from "./server-tls.ts";
import type { TlsCounts } from "./tls-counts.ts";

/** Where a worker's statistics of TLS are: `countsOf("listener.127.0.0.1_443")`. */
export type FindCounts = (scope: string) => TlsCounts;

interface Entry<Tls> {
  readonly scope: string;
  /** What the configuration says; what runs may have newer secrets. */
  readonly model: TlsContextModel;
  readonly tls: Tls;
}

/** The TLS of everything that one worker runs, by where it is configured. */
export class TlsRegistry {
  readonly #seed: Uint8Array;
  readonly #countsOf: FindCounts;
  readonly #servers = new Map<string, Entry<ServerTls>>();
  readonly #clients = new Map<string, Entry<ClientTls>>();
  /** Secrets that changed since the configuration came, by place. */
  readonly #updates = new Map<string, TlsContextModel>();

  /** @param seed Random bytes that all workers of the process share. */
  constructor(seed: Uint8Array, countsOf: FindCounts) {
    this.#seed = seed;
    this.#countsOf = countsOf;
  }

  /** The TLS of a filter chain, which is what it was if nothing changed. */
  server(model: TlsContextModel, scope: string): ServerTls {
    return take(this.#servers, model, scope, () => {
      return new ServerTls(this.#newest(model), this.#seed, this.#countsOf(scope));
    });
  }

  /** The TLS of a cluster, which is what it was if nothing changed. */
  client(model: TlsContextModel, scope: string): ClientTls {
    return take(this.#clients, model, scope, () => {
      return new ClientTls(this.#newest(model), this.#countsOf(scope));
    });
  }

  /** Has what is configured at the model's place use its secrets from now on. */
  update(model: TlsContextModel): void {
    this.#updates.set(model.path, model);
    this.#servers.get(model.path)?.tls.update(model);
    this.#clients.get(model.path)?.tls.update(model);
  }

  /** Another configuration comes, with the secrets as they are now. */
  renew(): void {
    this.#updates.clear();
  }

  /** Forgets what is configured nowhere any more. What uses it goes on. */
  retain(paths: ReadonlySet<string>): void {
    for (const entries of [this.#servers, this.#clients]) {
      for (const path of entries.keys()) {
        if (!paths.has(path)) entries.delete(path);
      }
    }
  }

  #newest(model: TlsContextModel): TlsContextModel {
    return this.#updates.get(model.path) ?? model;
  }
}

/** Hot: once per connection, with the same model. */
function take<Tls extends { readonly model: TlsContextModel }>(
  entries: Map<string, Entry<Tls>>,
  model: TlsContextModel,
  scope: string,
  make: () => Tls,
): Tls {
  const known = entries.get(model.path);
  if (known?.model === model && known.scope === scope) return known.tls;
  const isSame =
    known?.scope === scope && JSON.stringify(known.tls.model) === JSON.stringify(model);
  const tls = known !== undefined && isSame ? known.tls : make();
  entries.set(model.path, { scope, model, tls });
  return tls;
}
