import { E_EARLY_END, E_NO_ANSWER, E_UNEXPECTED } from "../../api/engine/http1.ts";
import { LOG_TYPE_TCP_CONNECTED, LOG_TYPE_TCP_PERIODIC } from "../../api/engine/format-image.ts";
import {
  CONNECTION_PENDING_BYTES,
  EVENT_HELD,
  EVENT_REQUEST,
  EVENT_TO_DOWNSTREAM,
  EVENT_TO_UPSTREAM,
  EVENT_UPSTREAM_FAILED,
  FLAG_CLOSE,
  FLAG_COMPLETE,
  FLAG_END,
  FLAG_RAW,
  FLAG_UPGRADED,
  STATE_TUNNEL,
  STREAM_STATE,
} from "../../api/engine/layout.ts";
import {
  RESPONSE_FLAG_DC,
  RESPONSE_FLAG_NC,
  RESPONSE_FLAG_UR,
} from "../../api/engine/response-flags.ts";
import { UPSTREAM_UPSTREAM_CX_PROTOCOL_ERROR } from "../../api/engine/stats.ts";
import {
  TCP_DOWNSTREAM_CX_NO_ROUTE,
  TCP_DOWNSTREAM_CX_TOTAL,
} from "../../api/engine/network/tcp-stats.ts";
import type {
  ConnectFailure,
  UpstreamLink,
  UpstreamLoss,
  UpstreamUser,
} from "../cluster/upstream/upstream-user.ts";
import type { Engine } from "../engine/engine.ts";
import type { Transport, TransportListener } from "../engine/transport.ts";
import type { RefusedConnection } from "./filter/connection-filter.ts";
import type { TcpSetup } from "./tcp-setup.ts";
import { TcpTally } from "./tcp-tally.ts";
import { TcpTimer } from "./tcp-timer.ts";
import { UpstreamAttempts } from "./upstream-attempts.ts";
import { UpstreamFlush } from "./upstream-flush.ts";

/** How a client is left: when it has got what waits for it, without that, or by a reset. */
type Parting = "flush" | "close" | "reset";

/** Ways to fail in which an upstream does not break HTTP. */
const NO_PROTOCOL_ERRORS: ReadonlySet<number> = new Set([E_EARLY_END, E_NO_ANSWER, E_UNEXPECTED]);

/**
 * One accepted connection whose bytes go to an upstream as they come, or in a tunnel. To the engine
 * it is one stream. Each side may stop sending while the other goes on.
 */
export class TcpConnection implements TransportListener, UpstreamUser {
  readonly #transport: Transport;
  readonly #setup: TcpSetup;
  readonly #engine: Engine;
  readonly #tally: TcpTally;
  readonly #timer: TcpTimer;
  readonly #attempts: UpstreamAttempts;
  readonly #openedMs = performance.now();
  /** Addresses of the engine's records; 0 once over. */
  #record: number;
  #stream = 0;
  #link: UpstreamLink | null = null;
  #isClosing = false;

  constructor(transport: Transport, setup: TcpSetup) {
    this.#transport = transport;
    this.#setup = setup;
    const { engine, target } = setup;
    this.#engine = engine;
    this.#record = setup.record;
    target.snapshot.use();
    this.#tally = new TcpTally(engine, setup.stats);
    this.#tally.count(TCP_DOWNSTREAM_CX_TOTAL);
    this.#timer = new TcpTimer(setup.deadlines, target.proxy, {
      onLate: (counter, flag) => {
        this.#tally.count(counter);
        this.#give(flag, "close");
        this.#close();
      },
      onLogDue: () => this.#log(LOG_TYPE_TCP_PERIODIC),
    });
    this.#attempts = new UpstreamAttempts(setup, this, (flag) => this.#giveUp(flag));
  }

  /** Begins to look for an upstream. Called once, when the owner knows of the connection. */
  start(): void {
    const nowMs = performance.now();
    const event = this.#engine.calls.openTcp(this.#record, nowMs);
    this.#stream = this.#engine.mailStream;
    const isRaw = (this.#engine.mailFlags & FLAG_RAW) !== 0;
    this.#timer.start(nowMs);
    this.#transport.listen(this);
    this.#transport.pause();
    if (event === EVENT_REQUEST) this.#attempts.start(this.#stream, isRaw, nowMs);
    else this.#giveUp(RESPONSE_FLAG_NC);
  }

  /** Adds what waits here to the gauges that a report shows. */
  noteBuffered(): void {
    const received = this.#engine.field(this.#record, CONNECTION_PENDING_BYTES);
    this.#tally.noteBuffered(received, this.#transport.waitingBytes);
  }

  /** Closes at once. */
  destroy(): void {
    this.#give(-1);
    this.#close();
  }

  /** Closes at once, because a filter before this one refuses it. */
  refuse({ details, flag, receivedBytes }: RefusedConnection): void {
    if (this.#stream === 0 && !this.#isClosing) {
      this.#engine.calls.openRefused(this.#record, performance.now());
      this.#stream = this.#engine.mailStream;
    }
    if (this.#stream !== 0) {
      const { address, lengths } = this.#engine.placeTexts([details]);
      this.#engine.calls.noteEnd(this.#stream, address, lengths[0], receivedBytes);
    }
    this.#tally.onReceived(receivedBytes);
    this.#give(flag);
    this.#close();
  }

  /** Hot. */
  onRead(bytes: number): void {
    if (this.#stream === 0) return;
    this.#tally.onReceived(bytes);
    const nowMs = performance.now();
    this.#timer.touch(nowMs);
    this.#handle(this.#engine.calls.receive(this.#record, bytes, nowMs));
  }

  onEnd(): void {
    if (this.#stream === 0) {
      // While it closes the client may still take what waits for it.
      if (!this.#isClosing) this.#close();
      return;
    }
    this.#handle(this.#engine.calls.endDownstream(this.#record, performance.now()));
  }

  onWritten(): void {
    this.#timer.touch(performance.now());
    if (!this.#isFull) this.#link?.resumeReading();
  }

  onBroken(): void {
    this.#onClientGone(true);
  }

  onClosed(error: NodeJS.ErrnoException | null): void {
    this.#onClientGone(error?.code === "ECONNRESET" || error?.code === "EPIPE");
  }

  #onClientGone(isReset: boolean): void {
    // As in Envoy, nothing to remark on when the bytes were flowing; a reset is passed on.
    this.#give(this.#link === null ? RESPONSE_FLAG_DC : -1, isReset ? "reset" : "close");
    this.#close();
  }

  onUpstreamReady(link: UpstreamLink, nowMs: number): void {
    this.#attempts.onReady();
    this.#link = link;
    this.#engine.calls.attempt(this.#stream, link.record, nowMs);
    link.write();
    if (!link.isRaw) return;
    this.onUpstreamEvent(link, this.#engine.calls.enterTunnel(link.record, 0, nowMs), nowMs);
  }

  onUpstreamOverflow(): void {
    this.#attempts.onOverflow();
  }

  onUpstreamConnectFailed(failure: ConnectFailure): void {
    this.#attempts.onConnectFailed(failure);
  }

  onUpstreamEvent(link: UpstreamLink, event: number, nowMs: number): void {
    if (event === EVENT_TO_DOWNSTREAM) this.#passOn(link, nowMs);
    else if (event === EVENT_UPSTREAM_FAILED) {
      if (!NO_PROTOCOL_ERRORS.has(this.#engine.mailError)) {
        this.#attempts.cluster.count(UPSTREAM_UPSTREAM_CX_PROTOCOL_ERROR, 1);
      }
      this.#detach();
      link.drop();
      this.#onUpstreamGone("flush");
    }
  }

  onUpstreamLost(_: UpstreamLink, how: UpstreamLoss): void {
    this.#detach();
    if (how === "reset") this.#engine.calls.noteFlag(this.#stream, RESPONSE_FLAG_UR);
    this.#onUpstreamGone(how === "reset" ? "reset" : "flush");
  }

  /** Ends with the upstream; one that had not agreed to a tunnel was an attempt. */
  #onUpstreamGone(parting: Parting): void {
    if (this.#isConnected) this.#give(-1, parting);
    else this.#attempts.onFailed(performance.now());
  }

  onUpstreamWritten(): void {
    this.#timer.touch(performance.now());
    if (this.#link?.isFull === false) this.#resumeReading();
  }

  /** The upstream is there, and in a tunnel has agreed to it. */
  get #isConnected(): boolean {
    return (this.#engine.field(this.#stream, STREAM_STATE) & STATE_TUNNEL) !== 0;
  }

  get #isFull(): boolean {
    return this.#transport.waitingBytes >= this.#setup.bufferBytesMax;
  }

  /** Does what an event of the downstream side asks for. Hot. */
  #handle(event: number): void {
    const flags = this.#engine.mailFlags;
    const link = this.#link;
    if (event === EVENT_HELD) this.#transport.pause();
    if (event !== EVENT_TO_UPSTREAM || link === null) return;
    link.write();
    if ((flags & FLAG_COMPLETE) !== 0) this.#finish(link);
    else if ((flags & FLAG_CLOSE) !== 0) link.end();
    else if (link.isFull) {
      this.#tally.onPushedBack();
      this.#transport.pause();
    }
  }

  /** Writes what came from upstream. Hot. */
  #passOn(link: UpstreamLink, nowMs: number): void {
    const flags = this.#engine.mailFlags;
    this.#tally.onSent(this.#engine.outputBytes);
    if (this.#engine.outputBytes > 0) this.#transport.writeOutput();
    if ((flags & FLAG_COMPLETE) !== 0) {
      this.#finish(link);
      return;
    }
    this.#timer.touch(nowMs);
    if ((flags & FLAG_END) !== 0) this.#transport.end();
    else if (this.#isFull) link.pauseReading();
    if ((flags & FLAG_UPGRADED) !== 0) this.#onConnected(nowMs);
  }

  #onConnected(nowMs: number): void {
    if (this.#setup.target.proxy.logsConnected) this.#log(LOG_TYPE_TCP_CONNECTED);
    this.#handle(this.#engine.calls.proceed(this.#record, nowMs));
    if (this.#link?.isFull === false) this.#resumeReading();
  }

  #log(type: number): void {
    this.#engine.calls.logNow(this.#stream, type, performance.now());
    this.#setup.afterLog();
  }

  #resumeReading(): void {
    this.#tally.onResumed();
    this.#transport.resume();
  }

  #detach(): void {
    this.#link = null;
    this.#engine.calls.detach(this.#stream);
  }

  /** Both sides have said all. The engine has ended the stream. */
  #finish(link: UpstreamLink): void {
    this.#link = null;
    this.#stream = 0;
    if (!link.isRaw) link.end();
    link.finish(false, performance.now(), this.#toFlush());
    this.#end("flush");
  }

  #toFlush(): UpstreamFlush {
    const { deadlines, target } = this.#setup;
    const { idleTimeoutMs } = target.proxy;
    const count = (counter: number, by: number): void => this.#tally.count(counter, by);
    return new UpstreamFlush({ deadlines, idleTimeoutMs, count });
  }

  /** There is no upstream. */
  #giveUp(flag: number): void {
    if (flag === RESPONSE_FLAG_NC) this.#tally.count(TCP_DOWNSTREAM_CX_NO_ROUTE);
    this.#give(flag);
  }

  /** Ends the stream before that, and closes what is left: with `reset` the upstream's side too. */
  #give(flag: number, parting: Parting = "flush"): void {
    const stream = this.#stream;
    if (stream === 0) return;
    this.#stream = 0;
    this.#attempts.cancel();
    if (this.#link !== null) {
      const link = this.#link;
      this.#link = null;
      this.#engine.calls.detach(stream);
      link.drop(parting === "reset");
    }
    this.#engine.calls.abandon(stream, flag, 0, 0, performance.now());
    this.#end(parting);
  }

  /** Nothing more will come: leaves the client. */
  #end(parting: Parting): void {
    this.#setup.afterLog();
    if (this.#record === 0 || this.#isClosing) return;
    this.#isClosing = true;
    if (parting === "reset") this.#transport.reset();
    if (parting !== "flush") {
      this.#close();
      return;
    }
    this.#timer.startClose();
    this.#transport.end();
    this.#transport.resume();
    this.#transport.whenSent(() => this.#close());
  }

  #close(): void {
    if (this.#record === 0) return;
    this.#timer.close();
    this.#transport.destroy();
    const { receivedBytes, sentBytes } = this.#tally;
    this.#setup.onClosing(this.#setup.target.snapshot, receivedBytes, sentBytes);
    this.#engine.calls.closeConnection(this.#record);
    this.#record = 0;
    this.#setup.target.snapshot.leave();
    this.#setup.onClose(performance.now() - this.#openedMs);
  }
}
