import {
  TLS_INSPECTOR_ALPN_FOUND,
  TLS_INSPECTOR_ALPN_NOT_FOUND,
  TLS_INSPECTOR_CLIENT_HELLO_TOO_LARGE,
  TLS_INSPECTOR_H_BYTES_PROCESSED,
  TLS_INSPECTOR_SNI_FOUND,
  TLS_INSPECTOR_SNI_NOT_FOUND,
  TLS_INSPECTOR_TLS_FOUND,
  TLS_INSPECTOR_TLS_NOT_FOUND,
} from "../../../api/engine/network/listener-filter-stats.ts";
import type { TlsInspectorModel } from "../../config/listener-model.ts";
import type { ConnectionFacts } from "../connection-facts.ts";
import { type ClientHello, readClientHello } from "../hello/client-hello.ts";
import { readFirstMessage, RECORD_HEADER_BYTES } from "../hello/handshake-message.ts";
import { toJa3 } from "../hello/ja3.ts";
import type { FilterCounter, FilterVerdict, ListenerFilter } from "./listener-filter.ts";

/** Says whether a connection begins with a ClientHello, and what that asks for. */
export class TlsInspector implements ListenerFilter {
  readonly takenBytes = 0;
  readonly #model: TlsInspectorModel;
  readonly #facts: ConnectionFacts;
  readonly #stats: FilterCounter;

  constructor(model: TlsInspectorModel, facts: ConnectionFacts, stats: FilterCounter) {
    this.#model = model;
    this.#facts = facts;
    this.#stats = stats;
  }

  onAccept(): FilterVerdict {
    return "more";
  }

  onBytes(all: Uint8Array): FilterVerdict {
    const { helloBytesMax } = this.#model;
    const bytes = all.subarray(0, helloBytesMax);
    const message = readFirstMessage(bytes);
    if (message.kind === "more") {
      if (bytes.length < helloBytesMax) return "more";
      this.#stats.count(TLS_INSPECTOR_CLIENT_HELLO_TOO_LARGE);
      this.#noteBytes(bytes.length);
      return "close";
    }
    const hello = message.kind === "hello" ? readClientHello(message.body) : null;
    this.#noteBytes(message.kind === "hello" ? message.bytes : RECORD_HEADER_BYTES);
    return hello === null ? this.#onOther(bytes.length) : this.#onHello(hello);
  }

  #onHello(hello: ClientHello): FilterVerdict {
    const facts = this.#facts;
    facts.transportProtocol = "tls";
    const hasName = hello.serverName !== "";
    if (hasName) facts.serverName = hello.serverName;
    if (hello.protocols !== null) facts.applicationProtocols = hello.protocols;
    if (this.#model.makesJa3) facts.ja3 = toJa3(hello);
    const hasProtocols = hello.protocols !== null;
    this.#stats.count(hasName ? TLS_INSPECTOR_SNI_FOUND : TLS_INSPECTOR_SNI_NOT_FOUND);
    this.#stats.count(hasProtocols ? TLS_INSPECTOR_ALPN_FOUND : TLS_INSPECTOR_ALPN_NOT_FOUND);
    this.#stats.count(TLS_INSPECTOR_TLS_FOUND);
    return "next";
  }

  #onOther(length: number): FilterVerdict {
    this.#stats.count(TLS_INSPECTOR_TLS_NOT_FOUND);
    if (!this.#model.closesOnParseError) return "next";
    const isTooLarge = length >= this.#model.helloBytesMax;
    if (isTooLarge) this.#stats.count(TLS_INSPECTOR_CLIENT_HELLO_TOO_LARGE);
    return "close";
  }

  #noteBytes(bytes: number): void {
    this.#stats.record(TLS_INSPECTOR_H_BYTES_PROCESSED, bytes);
  }
}
