/** Who hears what happens to a transport. */
export interface TransportListener {
  /** Bytes are in the engine's input region. Hot. */
  onRead(bytes: number): void;
  /** The peer will send no more. */
  onEnd(): void;
  /** Some of what waited to be written is taken. Not called for output that never waited. */
  onWritten(): void;
  /** Nothing more can be written; there may be something to read. */
  onBroken(): void;
  /** It is closed, or of no use any more: `error` says why, where something went wrong. */
  onClosed(error: NodeJS.ErrnoException | null): void;
}

/** What carries the bytes of a connection: a socket, or the inside of the worker. */
export interface Transport {
  /** Bytes that wait to be written. */
  readonly waitingBytes: number;
  /** Whether reading is stopped. */
  readonly isPaused: boolean;
  /** Says who hears of it from now on. Of a socket, once; before anything else. */
  listen(listener: TransportListener): void;
  /** Has the listener work on bytes that are in the engine's input region already. */
  read(bytes: number): void;
  /** Stops reading. */
  pause(): void;
  /** Goes on reading. Hot: nearly always there is nothing to do. */
  resume(): void;
  /** Writes the output of the engine's last event. Hot. */
  writeOutput(): void;
  /** Writes bytes from anywhere, which nobody changes any more. */
  writeBytes(bytes: Uint8Array): void;
  /** Sends what waits, and then that nothing more will come. Later output is dropped. */
  end(): void;
  /** Calls back when all is sent that was written before `end`. */
  whenSent(callback: () => void): void;
  /** Drops later output. */
  closeOutput(): void;
  /** Closes at once. */
  destroy(): void;
  /** The same with a reset, where there is TCP in plain text: the peer knows that it broke. */
  reset(): void;
}
