import { TLS_INSPECTOR_HISTOGRAMS_AT } from "../../../api/engine/network/listener-filter-stats.ts";
import type { FilterPredicate, ListenerFilterModel } from "../../config/listener-model.ts";
import type { Engine } from "../../engine/engine.ts";
import type { ConnectionFacts } from "../../listener/connection-facts.ts";
import { HttpInspector } from "../../listener/filter/http-inspector.ts";
import type {
  FilterCounter,
  FilterVerdict,
  ListenerFilter,
} from "../../listener/filter/listener-filter.ts";
import { OriginalDestination } from "../../listener/filter/original-destination.ts";
import { OriginalSource } from "../../listener/filter/original-source.ts";
import { ProxyProtocol } from "../../listener/filter/proxy-protocol.ts";
import { TlsInspector } from "../../listener/filter/tls-inspector.ts";
import {
  SCOPE_KIND_HTTP_INSPECTOR,
  SCOPE_KIND_PROXY_PROTOCOL,
  SCOPE_KIND_PROXY_PROTOCOL_LEGACY,
  SCOPE_KIND_TLS_INSPECTOR,
} from "../../observe/stat/scope-kind.ts";
import type { Incoming } from "./incoming.ts";
import { OriginalDestinations } from "./original-destination.ts";

/** Address of a block of statistics, by its kind and name. */
export type FindBlock = (kind: number, name: string) => number;

type Make = (incoming: Incoming) => ListenerFilter;

const destinations = new OriginalDestinations();

/** Makes the listener filters of each connection of a listener. */
export class FilterFactory {
  readonly #makers: readonly Make[];

  constructor(models: readonly ListenerFilterModel[], engine: Engine, findBlock: FindBlock) {
    this.#makers = models.map((model) => {
      const make = toMaker(model, (kind, name = "") => {
        return new BlockCounter(engine, findBlock(kind, name));
      });
      const { disabled } = model;
      if (disabled === null) return make;
      return (incoming) => new OptionalFilter(make(incoming), incoming.facts, disabled);
    });
  }

  /** True when there are none. */
  get isEmpty(): boolean {
    return this.#makers.length === 0;
  }

  /** The filters for one connection, in their order. */
  make(incoming: Incoming): readonly ListenerFilter[] {
    return this.#makers.map((make) => make(incoming));
  }
}

function toMaker(
  model: ListenerFilterModel,
  counterOf: (kind: number, name?: string) => FilterCounter,
): Make {
  switch (model.kind) {
    case "tls-inspector": {
      const counter = counterOf(SCOPE_KIND_TLS_INSPECTOR);
      return ({ facts }) => new TlsInspector(model, facts, counter);
    }
    case "http-inspector": {
      const counter = counterOf(SCOPE_KIND_HTTP_INSPECTOR);
      return ({ facts }) => new HttpInspector(facts, counter);
    }
    case "proxy-protocol": {
      const counter = counterOf(SCOPE_KIND_PROXY_PROTOCOL, model.statPrefix);
      const legacy = counterOf(SCOPE_KIND_PROXY_PROTOCOL_LEGACY);
      return ({ facts }) => new ProxyProtocol(model, facts, counter, legacy);
    }
    case "original-src":
      return ({ facts }) => new OriginalSource(model, facts);
    default:
      return ({ facts, handle }) => new OriginalDestination(facts, () => destinations.find(handle));
  }
}

/** Counts in a block of the engine's memory. */
class BlockCounter implements FilterCounter {
  readonly #engine: Engine;
  readonly #address: number;

  constructor(engine: Engine, address: number) {
    this.#engine = engine;
    this.#address = address;
  }

  count(counter: number): void {
    this.#engine.floats[(this.#address >> 3) + counter] += 1;
  }

  record(histogram: number, value: number): void {
    const place = this.#address + TLS_INSPECTOR_HISTOGRAMS_AT + histogram * 4;
    this.#engine.calls.recordTime(place, value);
  }
}

/** A filter that some connections are spared; decided when it is its turn. */
class OptionalFilter implements ListenerFilter {
  readonly #filter: ListenerFilter;
  readonly #facts: ConnectionFacts;
  readonly #disabled: FilterPredicate;

  constructor(filter: ListenerFilter, facts: ConnectionFacts, disabled: FilterPredicate) {
    this.#filter = filter;
    this.#facts = facts;
    this.#disabled = disabled;
  }

  get takenBytes(): number {
    return this.#filter.takenBytes;
  }

  onAccept(): FilterVerdict {
    const { localAddress, localPort } = this.#facts.ends;
    const isSpared = matchesPredicate(this.#disabled, localAddress === "" ? null : localPort);
    return isSpared ? "next" : this.#filter.onAccept();
  }

  onBytes(bytes: Uint8Array): FilterVerdict {
    return this.#filter.onBytes(bytes);
  }
}

/** @param port Null where there is no IP address, which every range takes, as in Envoy. */
function matchesPredicate(predicate: FilterPredicate, port: number | null): boolean {
  switch (predicate.kind) {
    case "or":
      return predicate.rules.some((rule) => matchesPredicate(rule, port));
    case "and":
      return predicate.rules.every((rule) => matchesPredicate(rule, port));
    case "not":
      return !matchesPredicate(predicate.rule, port);
    case "port":
      return port === null || (port >= predicate.start && port < predicate.end);
    default:
      return true;
  }
}
