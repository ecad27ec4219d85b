/** Columns of a cluster's row: how many of each there are now. */
export const BREAKER_CONNECTIONS = 0;
export const BREAKER_PENDING = 1;
export const BREAKER_REQUESTS = 2;
/** One more than are used: retries will have theirs. */
const COLUMNS = 4;

/**
 * Counts behind the circuit breakers, shared by all workers: a table in shared memory with a block
 * for each worker, so that nobody writes where another does and a dead worker's block can be
 * cleared. Reading adds up the blocks; it may be late by the time that a store takes to arrive,
 * which is as exact as Envoy's own.
 */
export class BreakerTable {
  readonly #cells: Int32Array;
  readonly #workerCount: number;
  readonly #clusterCount: number;
  readonly #own: number;

  /** @param worker Index of the worker that writes through this face. */
  constructor(memory: SharedArrayBuffer, workerCount: number, worker: number) {
    this.#cells = new Int32Array(memory);
    this.#workerCount = workerCount;
    this.#clusterCount = this.#cells.length / (COLUMNS * workerCount);
    this.#own = worker * this.#clusterCount * COLUMNS;
  }

  /** Bytes of a table. */
  static bytesFor(workerCount: number, clusterCount: number): number {
    return Math.max(1, workerCount * clusterCount) * COLUMNS * 4;
  }

  /** How many there are in all workers. */
  read(cluster: number, column: number): number {
    let total = 0;
    for (let worker = 0; worker < this.#workerCount; worker++) {
      total += this.#cells[(worker * this.#clusterCount + cluster) * COLUMNS + column];
    }
    return total;
  }

  /** How many there are in this worker. */
  readOwn(cluster: number, column: number): number {
    return this.#cells[this.#own + cluster * COLUMNS + column];
  }

  /** Adds to this worker's count. */
  add(cluster: number, column: number, by: number): void {
    this.#cells[this.#own + cluster * COLUMNS + column] += by;
  }

  /** Forgets what a worker that died had counted. */
  clear(worker: number): void {
    const size = this.#clusterCount * COLUMNS;
    this.#cells.fill(0, worker * size, (worker + 1) * size);
  }
}
