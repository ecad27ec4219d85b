import { contextsOf, scopeOf, type Snapshot } from "../config/model.ts";
import type { TlsContextModel } from "../config/tls-model.ts";
import { sanitizeStatName } from "../observe/stat/stat-scope.ts";
import type { StatStore } from "../observe/stat/stat-store.ts";
import { expiryTimes } from "./certificate-report.ts";

const UPDATED = "ssl_context_update_by_sds";
/** Counters of what makes sockets; only the first two are ever more than 0. */
const FACTORY_COUNTERS = [
  UPDATED,
  "update_rejected",
  "upstream_context_secrets_not_ready",
  "downstream_context_secrets_not_ready",
];
/** Counters of a secret from a file. Reading one never waits, so nothing times out. */
const SECRET_COUNTERS = [
  "update_attempt",
  "update_success",
  "update_rejected",
  "update_failure",
  "init_fetch_timeout",
  "key_rotation_failed",
];

/** The statistics of secrets, which the main thread reads. */
export class SecretStats {
  readonly #store: StatStore;
  /** Secrets that were counted once. */
  readonly #known = new Set<string>();
  /** Contexts that were, each as a text. */
  #contexts: ReadonlySet<string> = new Set();
  #gauges: ReadonlySet<string> = new Set();

  constructor(store: StatStore) {
    this.#store = store;
  }

  /** A configuration takes effect. */
  start(snapshot: Snapshot, now: Date): void {
    const before = this.#contexts;
    const contexts = new Set<string>();
    this.#contexts = contexts;
    for (const context of contextsOf(snapshot)) {
      const factory = factoryOf(snapshot, context.path);
      const text = JSON.stringify([factory, context.path, context.names]);
      contexts.add(text);
      for (const counter of FACTORY_COUNTERS) {
        this.#store.declareCounter(`${factory}.${counter}`);
      }
      const { length } = context.names.dynamic;
      // As in Envoy, the first time counts, too.
      if (!before.has(text)) this.#store.count(`${factory}.${UPDATED}`, length);
      for (const name of context.names.dynamic) {
        if (this.#known.has(name)) continue;
        this.#known.add(name);
        for (const counter of SECRET_COUNTERS)
          this.#store.declareCounter(scopeOfSecret(name, counter));
        this.#countSuccess(name, now);
      }
    }
  }

  /** The secrets of a context are others now. */
  onChanged(snapshot: Snapshot, context: TlsContextModel, now: Date): void {
    this.#store.count(`${factoryOf(snapshot, context.path)}.${UPDATED}`);
    for (const name of context.names.dynamic) this.#countSuccess(name, now);
  }

  /** The secrets of the context at a place cannot be used. */
  onRejected(snapshot: Snapshot, path: string): void {
    this.#store.count(`${factoryOf(snapshot, path)}.update_rejected`);
    const context = contextsOf(snapshot).find((each) => each.path === path);
    for (const name of context?.names.dynamic ?? []) {
      this.#store.count(scopeOfSecret(name, "update_attempt"));
      this.#store.count(scopeOfSecret(name, "update_rejected"));
    }
  }

  /** Writes when certificates end. Call it before a snapshot of the statistics. */
  writeExpiry(snapshot: Snapshot): void {
    const written = new Set<string>();
    for (const context of contextsOf(snapshot)) {
      // `listener.<name>.server_ssl_socket_factory`, and the certificates are beside that.
      const owner = factoryOf(snapshot, context.path).replace(/\.\w+$/, "");
      for (const [name, seconds] of expiryTimes(context)) {
        const gauge = `${owner}.ssl.certificate.${sanitizeStatName(name)}.${EXPIRY}`;
        this.#store.setGauge(gauge, seconds);
        written.add(gauge);
      }
    }
    for (const gauge of this.#gauges) {
      if (!written.has(gauge)) this.#store.forgetGauge(gauge);
    }
    this.#gauges = written;
  }

  #countSuccess(name: string, now: Date): void {
    this.#store.count(scopeOfSecret(name, "update_attempt"));
    this.#store.count(scopeOfSecret(name, "update_success"));
    this.#store.setGauge(scopeOfSecret(name, "update_time"), now.getTime());
  }
}

const EXPIRY = "expiration_unix_time_seconds";

function factoryOf(snapshot: Snapshot, path: string): string {
  return sanitizeStatName(scopeOf(snapshot, path) ?? "");
}

function scopeOfSecret(name: string, counter: string): string {
  return `sds.${sanitizeStatName(name)}.${counter}`;
}
