import assert from "node:assert/strict";
import {
  CONNECTION_FLAGS,
  CONNECTION_HEAD_BEGUN,
  CONNECTION_PENDING_BYTES,
  EVENT_CLOSE,
  EVENT_HELD,
  EVENT_NONE,
  EVENT_REQUEST,
  EVENT_TO_DOWNSTREAM,
  EVENT_TO_UPSTREAM,
  EVENT_UPSTREAM_FAILED,
  FLAG_CLOSE,
  FLAG_COMPLETE,
  FLAG_MORE,
  FLAG_REUSABLE,
  STATE_HEAD_REQUEST,
  STATE_RESPONSE_BEGUN,
  STREAM_STATE,
} from "../../../api/engine/layout.ts";
import type { Engine } from "../../../proxy/engine/engine.ts";
import {
  DOWNSTREAM_DISCONNECT,
  type Failure,
  NO_HEALTHY_UPSTREAM,
  PROTOCOL_ERROR,
  REQUEST_HEADER_TIMEOUT,
  RESPONSE_TIMEOUT,
} from "../../../proxy/http/failure.ts";
import { abandonStream, writeReply } from "../../../proxy/http/local-reply.ts";
import { readRequests } from "../../smuggling/plain-request.ts";
import type { LoadedEngine } from "./loaded-engine.ts";
import { checkResponse } from "./plain-response.ts";
import type { Random } from "../random.ts";

/** What other connections leave in the input region. No part of any input. */
const POISON = "ZYZYZY";

/** A connection to the one endpoint. */
interface Upstream {
  readonly record: number;
  sent: string;
  responses: Buffer[];
}

/**
 * One downstream connection and its upstreams, driven as `proxy/http` drives them but without
 * sockets: what comes next is decided at random. Every output is checked.
 */
export class ScriptedConnection {
  readonly #engine: Engine;
  readonly #loaded: LoadedEngine;
  readonly #random: Random;
  readonly #record: number;
  /** Pieces of the request that are still to come. */
  readonly #requests: Buffer[];
  /** What each upstream connection answers with. */
  readonly #response: Buffer;
  #nowMs = 1000;
  /** The stream that is served, or 0. */
  #stream = 0;
  #isWaiting = false;
  #upstream: Upstream | null = null;
  #idle: Upstream | null = null;
  #isReading = true;
  #hasHeldInput = false;
  #isClosing = false;
  /** What was sent downstream for the present request. */
  #answer = "";

  constructor(loaded: LoadedEngine, random: Random, request: Buffer, response: Buffer) {
    this.#loaded = loaded;
    this.#engine = loaded.engine;
    this.#random = random;
    this.#requests = random.split(request);
    this.#response = response;
    const { image, hcm } = loaded;
    this.#record = this.#engine.calls.openDownstream(image, hcm, 0, this.#now());
  }

  /** Closes everything, whatever is still to come. */
  close(): void {
    if (this.#stream !== 0) this.#abandon(DOWNSTREAM_DISCONNECT);
    this.#closeUpstream(this.#idle, true);
    this.#engine.calls.closeConnection(this.#record);
  }

  /** Does what comes next. Returns false when both sides have nothing more to say, or give up. */
  step(): boolean {
    const random = this.#random;
    if (this.#isClosing || random.oneIn(200)) return false;
    if (this.#hasHeldInput) {
      this.#hasHeldInput = false;
      this.#isReading = true;
      this.#onDownstream(this.#engine.calls.proceed(this.#record, this.#now()));
      return true;
    }
    if (this.#stream === 0) {
      if (random.oneIn(20) && this.#giveUpHead()) return true;
      return this.#receiveRequest() || this.#giveUpHead();
    }
    if (this.#isWaiting) return random.oneIn(2) ? this.#connect() : this.#receiveRequest() || true;
    if (random.oneIn(60)) return this.#fail(RESPONSE_TIMEOUT);
    if (random.oneIn(2) && this.#receiveRequest()) return true;
    return this.#receiveResponse() || this.#receiveRequest() || this.#endResponse();
  }

  /** The next bytes from downstream. */
  #receiveRequest(): boolean {
    const piece = this.#isReading ? this.#requests.shift() : undefined;
    if (piece === undefined) return false;
    const { calls } = this.#engine;
    this.#onDownstream(calls.receive(this.#record, this.#place(piece), this.#now()));
    return true;
  }

  /** The head that has begun never comes in full. */
  #giveUpHead(): boolean {
    const flags = this.#engine.field(this.#record, CONNECTION_FLAGS);
    if ((flags & CONNECTION_HEAD_BEGUN) === 0) return false;
    this.#stream = this.#engine.calls.takeOpening(this.#record);
    return this.#fail(REQUEST_HEADER_TIMEOUT);
  }

  #onDownstream(event: number): void {
    const flags = this.#engine.mailFlags;
    const output = this.#output();
    switch (event) {
      case EVENT_REQUEST:
        this.#stream = this.#engine.mailStream;
        this.#answer += output;
        this.#beginRequest(flags);
        break;
      case EVENT_TO_UPSTREAM:
        assert.ok(this.#upstream !== null, "a body has where to go");
        this.#upstream.sent += output;
        break;
      case EVENT_TO_DOWNSTREAM:
        this.#answer += output;
        if ((flags & FLAG_COMPLETE) !== 0) this.#onReply(flags);
        break;
      case EVENT_HELD:
        this.#hold();
        break;
      case EVENT_CLOSE:
        this.#dropUpstream();
        this.#stream = 0;
        this.#isClosing = true;
        break;
      default:
        assert.equal(event, EVENT_NONE);
    }
    this.#poison();
  }

  #beginRequest(flags: number): void {
    if (this.#idle !== null && !this.#random.oneIn(4)) {
      this.#attempt(this.#idle);
    } else if (this.#random.oneIn(2)) {
      this.#attempt(this.#openUpstream());
    } else if (this.#random.oneIn(8)) {
      this.#fail(NO_HEALTHY_UPSTREAM);
    } else {
      this.#isWaiting = true;
      if ((flags & FLAG_MORE) !== 0) this.#hold();
    }
  }

  #hold(): void {
    this.#engine.calls.hold(this.#record);
    this.#isReading = false;
  }

  /** The connection that the request waits for is there, or cannot be made. */
  #connect(): boolean {
    this.#isWaiting = false;
    if (this.#random.oneIn(8)) return this.#fail(NO_HEALTHY_UPSTREAM);
    this.#attempt(this.#openUpstream());
    return true;
  }

  #openUpstream(): Upstream {
    const { calls } = this.#engine;
    const host = this.#engine.keepText("127.0.0.1:1");
    const record = calls.openUpstream(this.#loaded.cluster, host.address, host.length, this.#now());
    const texts = this.#engine.placeTexts(["127.0.0.1:2"]);
    calls.setEnds(record, texts.address, 0, 0, texts.lengths[0]);
    return { record, sent: "", responses: this.#random.split(this.#response) };
  }

  #attempt(upstream: Upstream): void {
    if (this.#idle === upstream) this.#idle = null;
    this.#upstream = upstream;
    const { calls } = this.#engine;
    const error = calls.attempt(this.#stream, upstream.record, this.#now());
    if (error !== 0) {
      this.#dropUpstream();
      calls.refuseRequest(this.#stream, error, this.#now());
      const flags = this.#engine.mailFlags;
      this.#answer += this.#output();
      this.#onReply(flags);
      return;
    }
    upstream.sent += this.#output();
    this.#isReading = true;
    this.#poison();
  }

  /** The next bytes from upstream. */
  #receiveResponse(): boolean {
    const upstream = this.#upstream;
    const piece = upstream?.responses.shift();
    if (upstream === null || piece === undefined) return false;
    const { calls } = this.#engine;
    this.#onUpstream(upstream, calls.receive(upstream.record, this.#place(piece), this.#now()));
    return true;
  }

  /** The upstream closes. */
  #endResponse(): boolean {
    const upstream = this.#upstream;
    if (upstream === null) return false;
    const isReset = this.#random.oneIn(4) ? 1 : 0;
    const { calls } = this.#engine;
    this.#onUpstream(upstream, calls.endUpstream(upstream.record, isReset, this.#now()));
    if (this.#upstream === upstream) this.#fail(PROTOCOL_ERROR);
    return true;
  }

  #onUpstream(upstream: Upstream, event: number): void {
    const flags = this.#engine.mailFlags;
    if (event === EVENT_UPSTREAM_FAILED) {
      this.#fail(PROTOCOL_ERROR);
    } else if (event === EVENT_TO_DOWNSTREAM) {
      this.#answer += this.#output();
      if ((flags & FLAG_COMPLETE) === 0) return;
      this.#upstream = null;
      if ((flags & FLAG_REUSABLE) === 0) this.#closeUpstream(upstream, false);
      else {
        this.#checkRequests(upstream, true);
        this.#closeUpstream(this.#idle, true);
        this.#idle = upstream;
      }
      this.#endStream(flags);
    } else {
      assert.equal(event, EVENT_NONE);
    }
    this.#poison();
  }

  /** Ends the stream with a local reply, or in the middle of a response. */
  #fail(failure: Failure): boolean {
    const state = this.#engine.field(this.#stream, STREAM_STATE);
    this.#dropUpstream();
    if ((state & STATE_RESPONSE_BEGUN) !== 0) {
      this.#abandon(failure);
      this.#isClosing = true;
      return true;
    }
    writeReply(this.#engine, this.#stream, failure, this.#now());
    const flags = this.#engine.mailFlags;
    this.#answer += this.#output();
    this.#onReply(flags);
    return true;
  }

  #abandon(failure: Failure): void {
    this.#dropUpstream();
    abandonStream(this.#engine, this.#stream, failure, this.#now());
    this.#stream = 0;
    this.#isWaiting = false;
  }

  /** The engine answered by itself. */
  #onReply(flags: number): void {
    this.#dropUpstream();
    this.#endStream(flags);
  }

  #endStream(flags: number): void {
    const state = this.#engine.field(this.#engine.mailStream, STREAM_STATE);
    const isHeadRequest = (state & STATE_HEAD_REQUEST) !== 0;
    const isClosed = (flags & FLAG_CLOSE) !== 0;
    checkResponse(this.#answer, isHeadRequest, isClosed);
    this.#answer = "";
    this.#stream = 0;
    this.#isWaiting = false;
    this.#isReading = true;
    this.#isClosing = isClosed;
    this.#hasHeldInput = (flags & FLAG_MORE) !== 0;
    if (this.#hasHeldInput) {
      this.#isReading = false;
      const bytes = this.#engine.field(this.#record, CONNECTION_PENDING_BYTES);
      assert.ok(bytes > 0, "what is left over is kept, not left where others read");
    }
    this.#poison();
  }

  #dropUpstream(): void {
    const upstream = this.#upstream;
    if (upstream === null) return;
    this.#upstream = null;
    this.#engine.calls.detach(this.#stream);
    this.#closeUpstream(upstream, false);
  }

  #closeUpstream(upstream: Upstream | null, isWhole: boolean): void {
    if (upstream === null) return;
    this.#checkRequests(upstream, isWhole);
    this.#engine.calls.closeConnection(upstream.record);
  }

  #checkRequests({ sent }: Upstream, isWhole: boolean): void {
    const { rest } = readRequests(sent);
    if (isWhole) assert.equal(rest, "", "a connection is used again after whole requests only");
  }

  #place(piece: Buffer): number {
    this.#engine.input.set(piece);
    return piece.length;
  }

  /** The output of the last event. */
  #output(): string {
    const text = Buffer.from(this.#engine.output()).toString("latin1");
    assert.ok(!text.includes(POISON), `bytes of another connection: ${JSON.stringify(text)}`);
    return text;
  }

  /** Other connections use the input region. */
  #poison(): void {
    Buffer.from(this.#engine.input.buffer, this.#engine.input.byteOffset, 8192).fill(POISON);
  }

  #now(): number {
    this.#nowMs += 1;
    return this.#nowMs;
  }
}
