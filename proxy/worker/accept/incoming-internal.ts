import type { InternalOrigin } from "../../cluster/internal-dial.ts";
import type { ConnectionEnds } from "../../engine/ends.ts";
import type { Engine } from "../../engine/engine.ts";
import type { InternalTransport } from "../../engine/internal-transport.ts";
import type { Transport } from "../../engine/transport.ts";
import { TransportStream } from "../../tls/socket/transport-stream.ts";
import { ConnectionFacts } from "../../listener/connection-facts.ts";
import type { Incoming, IncomingListener } from "./incoming.ts";

/** A connection from within the worker that has no filter chain yet. */
export class IncomingInternal implements Incoming {
  readonly facts: ConnectionFacts;
  readonly handle = {};
  readonly pipePath = "";
  readonly origin: InternalOrigin;
  bytes: Uint8Array = new Uint8Array(0);
  readonly #engine: Engine;
  readonly #transport: InternalTransport;

  /** @param listener Name of the listener. */
  constructor(
    engine: Engine,
    transport: InternalTransport,
    origin: InternalOrigin,
    listener: string,
  ) {
    this.#engine = engine;
    this.#transport = transport;
    this.origin = origin;
    this.facts = new ConnectionFacts(endsWithin(listener, origin.endpointId));
    const { state, metadata } = origin;
    this.facts.filterState = (key) => state.find((entry) => entry.key === key)?.value ?? null;
    for (const { path, text } of metadata) {
      const colon = path.indexOf(":");
      if (colon > 0) this.facts.setMetadata(path.slice(0, colon), path.slice(colon + 1), text);
    }
  }

  listen(listener: IncomingListener): void {
    const { input } = this.#engine;
    this.#transport.listen({
      onRead: (bytes) => listener.onBytes(input.subarray(0, bytes)),
      onEnd: () => listener.onGone(),
      onWritten: () => {},
      onBroken: () => listener.onGone(),
      onClosed: () => listener.onGone(),
    });
  }

  takeTransport(): Transport {
    return this.#transport;
  }

  takeHandle(): TransportStream {
    return new TransportStream(this.#engine, this.#transport);
  }

  close(): void {
    this.#transport.destroy();
  }
}

/** Nobody has an address within a worker. The names are Envoy's. */
function endsWithin(listener: string, endpointId: string): ConnectionEnds {
  return {
    localAddress: "",
    localPort: 0,
    remoteAddress: "",
    remotePort: 0,
    localName: `envoy://${listener}/${endpointId}`,
    remoteName: "envoy://internal_client_address/",
  };
}
