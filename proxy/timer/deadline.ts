/** Lengths in use before those that nothing waits for are looked for. */
const LENGTHS_MAX = 256;

/**
 * Deadlines in bulk. Timeouts of one length expire in the order in which they begin, so each
 * length has a list of its own with one Node timer for its head: starting and cancelling is a few
 * assignments, whatever the number of streams, and nothing is allocated. A list is forgotten when
 * its timer finds it empty, or when there are too many, since clients may choose lengths.
 */
export class DeadlineQueue {
  readonly #lists = new Map<number, DeadlineList>();
  #lengthsMax = LENGTHS_MAX;

  /** How many lengths are in use. */
  get lengthCount(): number {
    return this.#lists.size;
  }

  /**
   * Starts, or starts again, a deadline `durationMs` from `nowMs` on the monotonic clock. Fast when
   * no deadline of that length began later.
   */
  start(deadline: Deadline, durationMs: number, nowMs: number): void {
    deadline.cancel();
    const last = deadline.lastList;
    const isSame = last !== null && last.durationMs === durationMs && !last.isForgotten;
    (isSame ? last : this.#listOf(durationMs)).insert(deadline, nowMs);
  }

  #listOf(durationMs: number): DeadlineList {
    const known = this.#lists.get(durationMs);
    if (known !== undefined) return known;
    if (this.#lists.size >= this.#lengthsMax) this.#forgetUnused();
    const list = new DeadlineList(durationMs, (self) => this.#forget(durationMs, self));
    this.#lists.set(durationMs, list);
    return list;
  }

  /** Leaves the lists that have deadlines. The next search is at twice their number. */
  #forgetUnused(): void {
    for (const [durationMs, list] of this.#lists) {
      if (!list.isEmpty) continue;
      list.stop();
      this.#lists.delete(durationMs);
    }
    this.#lengthsMax = Math.max(LENGTHS_MAX, this.#lists.size * 2);
  }

  /** Another list may have taken the place of one that was forgotten while it expired. */
  #forget(durationMs: number, list: DeadlineList): void {
    if (this.#lists.get(durationMs) === list) this.#lists.delete(durationMs);
  }

  /** Stops all timers; deadlines that were started never expire. */
  stop(): void {
    for (const list of this.#lists.values()) list.stop();
    this.#lists.clear();
  }
}

/** Something that happens later unless it is cancelled. Made once, used many times. */
export class Deadline {
  /** Moment of expiry; meaningful while `list` is set. */
  atMs = 0;
  list: DeadlineList | null = null;
  /** Where it was last: most deadlines have the same length every time. */
  lastList: DeadlineList | null = null;
  previous: Deadline | null = null;
  next: Deadline | null = null;
  readonly onExpire: () => void;

  /** @param onExpire Called once per start, from the timer phase of the event loop. */
  constructor(onExpire: () => void) {
    this.onExpire = onExpire;
  }

  /** True between start and expiry or cancellation. */
  get isStarted(): boolean {
    return this.list !== null;
  }

  /** Does nothing when it is not started. Hot. */
  cancel(): void {
    if (this.list !== null) this.list.remove(this);
  }
}

/** All deadlines of one length, soonest first. */
export class DeadlineList {
  #first: Deadline | null = null;
  #last: Deadline | null = null;
  #timer: NodeJS.Timeout | null = null;
  #timerAtMs = 0;
  readonly durationMs: number;
  /** The queue has let go of it. */
  isForgotten = false;
  readonly #onEmpty: (list: DeadlineList) => void;

  /**
   * @param durationMs The length that all deadlines of this list have.
   * @param onEmpty Called when the timer finds nothing to wait for.
   */
  constructor(durationMs: number, onEmpty: (list: DeadlineList) => void) {
    this.durationMs = durationMs;
    this.#onEmpty = onEmpty;
  }

  /** True when no deadline is in it. */
  get isEmpty(): boolean {
    return this.#first === null;
  }

  /** Puts in a deadline that is in no list: at the end, but before those that expire later. */
  insert(deadline: Deadline, nowMs: number): void {
    const atMs = nowMs + this.durationMs;
    let previous = this.#last;
    while (previous !== null && previous.atMs > atMs) previous = previous.previous;
    const next = previous === null ? this.#first : previous.next;
    deadline.atMs = atMs;
    deadline.list = this;
    deadline.lastList = this;
    deadline.previous = previous;
    deadline.next = next;
    if (previous === null) this.#first = deadline;
    else previous.next = deadline;
    if (next === null) this.#last = deadline;
    else next.previous = deadline;
    // The timer is left running when the list empties, and finds out when it fires.
    if (this.#timer === null || atMs < this.#timerAtMs) this.#arm(atMs);
  }

  /** Takes a deadline out. */
  remove(deadline: Deadline): void {
    if (deadline.previous === null) this.#first = deadline.next;
    else deadline.previous.next = deadline.next;
    if (deadline.next === null) this.#last = deadline.previous;
    else deadline.next.previous = deadline.previous;
    deadline.list = null;
    deadline.previous = null;
    deadline.next = null;
  }

  /** Stops the timer and forgets the deadlines. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.isForgotten = true;
    while (this.#first !== null) this.remove(this.#first);
  }

  #arm(atMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    const delayMs = Math.max(0, Math.ceil(atMs - performance.now()));
    // Node's timers hold 31 bits; a longer wait is taken in steps.
    this.#timer = setTimeout(() => this.#expire(), Math.min(delayMs, 0x7fff_ffff));
    this.#timer.unref();
  }

  #expire(): void {
    this.#timer = null;
    const nowMs = performance.now();
    for (let head = this.#first; head !== null && head.atMs <= nowMs; head = this.#first) {
      this.remove(head);
      head.onExpire();
    }
    if (this.#timer !== null) return;
    if (this.#first === null) {
      this.isForgotten = true;
      this.#onEmpty(this);
    } else this.#arm(this.#first.atMs);
  }
}
