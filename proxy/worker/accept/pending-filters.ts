import { FilterRun, type RunState } from "../../listener/filter-run.ts";
import type { ListenerFilter } from "../../listener/filter/listener-filter.ts";
import { Deadline, type DeadlineQueue } from "../../timer/deadline.ts";
import type { Incoming } from "./incoming.ts";

/** How the listener filters of a connection end. */
export type FilterOutcome = "done" | "closed" | "late";

/** What listener filters need of their listener. */
export interface PendingSetting {
  readonly deadlines: DeadlineQueue;
  /** How long all of them may take, in milliseconds; 0 is for ever. */
  readonly timeoutMs: number;
  /** Called once, also from within the constructor. Who is called owns the connection. */
  onEnd(outcome: FilterOutcome, pending: PendingFilters): void;
}

/** A connection that was accepted and that listener filters look at. */
export class PendingFilters {
  readonly incoming: Incoming;
  readonly #run: FilterRun;
  readonly #setting: PendingSetting;
  readonly #deadline: Deadline;
  #hasReceived = false;
  #isOver = false;

  /** Begins. */
  constructor(incoming: Incoming, filters: readonly ListenerFilter[], setting: PendingSetting) {
    this.incoming = incoming;
    this.#setting = setting;
    this.#run = new FilterRun(filters);
    this.#deadline = new Deadline(() => this.#end("late"));
    const state = this.#begin();
    if (state !== "more") {
      this.#onState(state);
      return;
    }
    const { deadlines, timeoutMs } = setting;
    if (timeoutMs > 0) deadlines.start(this.#deadline, timeoutMs, performance.now());
    incoming.listen({
      onBytes: (bytes) => this.#onState(this.#receive(bytes)),
      onGone: () => this.#end("closed"),
    });
  }

  /** True when the filters are done with it, however that went. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Breaks it off. */
  destroy(): void {
    this.#end("closed");
  }

  /** Another listener may have received something before. */
  #begin(): RunState {
    const { bytes } = this.incoming;
    const state = this.#run.start();
    return state === "more" && bytes.length > 0 ? this.#receive(bytes) : state;
  }

  #receive(bytes: Uint8Array): RunState {
    this.#hasReceived = true;
    return this.#run.receive(bytes);
  }

  #onState(state: RunState): void {
    if (state === "done") this.#end("done");
    if (state === "close") this.#end("closed");
  }

  #end(outcome: FilterOutcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#deadline.cancel();
    if (this.#hasReceived) this.incoming.bytes = this.#run.bytes;
    this.#setting.onEnd(outcome, this);
  }
}
