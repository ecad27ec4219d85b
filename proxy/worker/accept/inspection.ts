import {
  LISTENER_DOWNSTREAM_PRE_CX_ACTIVE,
  LISTENER_DOWNSTREAM_PRE_CX_TIMEOUT,
} from "../../../api/engine/stats.ts";
import type { ListenerModel } from "../../config/model.ts";
import type { Engine } from "../../engine/engine.ts";
import type { DeadlineQueue } from "../../timer/deadline.ts";
import { FilterFactory, type FindBlock } from "./filter-factory.ts";
import type { Incoming } from "./incoming.ts";
import { type FilterOutcome, PendingFilters } from "./pending-filters.ts";

/** Who takes a connection over. */
export interface IncomingTaker {
  /** Has listener filters look at a connection of another listener. */
  takeOver(incoming: Incoming): void;
}

/** What the inspection of a listener's connections needs. */
export interface InspectionSetting {
  readonly engine: Engine;
  readonly deadlines: DeadlineQueue;
  readonly findBlock: FindBlock;
  /** The listener that serves an address, if any. */
  findListener(address: string, port: number): IncomingTaker | null;
  /** Adds to a statistic of the listener: `LISTENER_*`. */
  count(counter: number, by: number): void;
  /** The filters are done: the connection is ready for its filter chain. */
  onReady(incoming: Incoming): void;
}

/** Has the listener filters of one listener look at its connections. */
export class Inspection {
  readonly #setting: InspectionSetting;
  readonly #pending = new Set<PendingFilters>();
  #model: ListenerModel;
  #filters: FilterFactory;

  constructor(setting: InspectionSetting, model: ListenerModel) {
    this.#setting = setting;
    this.#model = model;
    this.#filters = this.#makeFilters();
  }

  /** Whether connections are looked at; without filters they have nothing to wait for. */
  get isNeeded(): boolean {
    return !this.#filters.isEmpty;
  }

  /** Has later connections looked at by the filters of another model. */
  update(model: ListenerModel): void {
    this.#model = model;
    this.#filters = this.#makeFilters();
  }

  /**
   * Begins to look at a connection, which is closed where it fails.
   *
   * @param mayHandOff False for one that another listener has handed over.
   */
  begin(incoming: Incoming, mayHandOff: boolean): void {
    const { count, deadlines } = this.#setting;
    count(LISTENER_DOWNSTREAM_PRE_CX_ACTIVE, 1);
    const pending = new PendingFilters(incoming, this.#filters.make(incoming), {
      deadlines,
      timeoutMs: this.#model.listenerFilters.timeoutMs,
      onEnd: (outcome, ended) => {
        this.#pending.delete(ended);
        count(LISTENER_DOWNSTREAM_PRE_CX_ACTIVE, -1);
        this.#onEnd(incoming, outcome, mayHandOff);
      },
    });
    if (!pending.isOver) this.#pending.add(pending);
  }

  /** Closes the connections that are looked at. */
  destroy(): void {
    for (const pending of [...this.#pending]) pending.destroy();
  }

  #makeFilters(): FilterFactory {
    const { engine, findBlock } = this.#setting;
    return new FilterFactory(this.#model.listenerFilters.filters, engine, findBlock);
  }

  #onEnd(incoming: Incoming, outcome: FilterOutcome, mayHandOff: boolean): void {
    const { listenerFilters, usesOriginalDestination } = this.#model;
    const { facts } = incoming;
    if (outcome === "late") this.#setting.count(LISTENER_DOWNSTREAM_PRE_CX_TIMEOUT, 1);
    const goesOn = outcome === "done" || (outcome === "late" && listenerFilters.continuesOnTimeout);
    if (!goesOn) {
      incoming.close();
      return;
    }
    if (mayHandOff && usesOriginalDestination && facts.isLocalRestored) {
      const { localAddress, localPort } = facts.ends;
      const other = this.#setting.findListener(localAddress, localPort);
      if (other !== null) {
        other.takeOver(incoming);
        return;
      }
    }
    this.#setting.onReady(incoming);
  }
}
