import type net from "node:net";
import type { TLSSocket } from "node:tls";
import {
  UPSTREAM_BIND_ERRORS,
  UPSTREAM_UPSTREAM_CX_TX_BYTES_TOTAL,
} from "../../../api/engine/stats.ts";
import type {
  Address,
  EndpointAddress,
  InternalAddress,
  ProxyUpstreamModel,
} from "../../config/model.ts";
import { DeadTransport } from "../../engine/dead-transport.ts";
import { endsOf, withPort } from "../../engine/ends.ts";
import type { Engine } from "../../engine/engine.ts";
import { toSystemPath } from "../../engine/socket-path.ts";
import { openSocket } from "../../engine/socket.ts";
import { SocketTransport } from "../../engine/socket-transport.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ClientTls, ConnectPlace } from "../../tls/client-tls.ts";
import type { SecurePeer } from "../../tls/connection-facts.ts";
import { TransportStream } from "../../tls/socket/transport-stream.ts";
import type { ClusterView } from "../cluster-view.ts";
import { sourceReason } from "./connect-reason.ts";
import { offeredProtocols } from "./offered-protocols.ts";
import { prefaceOf } from "./proxy-preface.ts";
import { SourceSockets } from "./source-socket.ts";
import type { UpstreamPlace } from "./upstream-place.ts";
import type { ConnectFailure } from "./upstream-user.ts";

/** The ends of a connection within the worker. */
const NO_ENDS = { localAddress: "", localPort: 0, remoteAddress: "", remotePort: 0 };

/** Who hears of a connection that is made; in a later turn than that in which it begins. */
export interface DialListener {
  /** Bytes are in the engine's input region. Hot. */
  onRead(bytes: number): void;
  /** Requests may flow. `peer` is null in plain text. */
  onConnected(peer: SecurePeer | null): void;
  /** Errors of the socket itself are told by the transport. */
  onFailed(failure: ConnectFailure): void;
}

const sources = new SourceSockets();

/**
 * How one connection to an upstream is made: to an address, a Unix socket or a listener within the
 * worker, with what goes before all else, in plain text or TLS.
 */
export class UpstreamDial {
  readonly transport: Transport;
  /** Null within the worker, unless there is TLS. */
  socket: net.Socket | null = null;
  readonly #place: UpstreamPlace;
  readonly #listener: DialListener;
  readonly #cluster: ClusterView;
  readonly #engine: Engine;

  /** Begins to connect. */
  constructor(place: UpstreamPlace, listener: DialListener) {
    this.#place = place;
    this.#listener = listener;
    this.#cluster = place.cluster;
    this.#engine = place.cluster.engine;
    this.transport = this.#connect(place.address);
  }

  /** The near end of the connection, or "" when it is gone. */
  get localText(): string {
    // Envoy's name for the near end of a connection within the worker.
    if (this.socket === null || this.#place.address.kind === "internal") {
      return "envoy://internal_client_address/";
    }
    const { localAddress, localPort } = this.socket;
    return withPort(localAddress ?? "", localPort ?? 0);
  }

  #connect(address: EndpointAddress): Transport {
    const { model } = this.#cluster;
    if (address.kind === "internal") return this.#dial(address);
    const bound = this.#bind(address);
    if (bound === "refused") return new DeadTransport();
    const socket = this.#openSocket(address, bound);
    this.socket = socket;
    const transport = new SocketTransport(this.#engine, socket);
    if (address.kind === "pipe") {
      socket.connect(toSystemPath(address.path));
      return transport;
    }
    socket.connect({ host: address.host, port: address.port });
    socket.setNoDelay(true);
    if (model.hasKeepAlive) socket.setKeepAlive(true, model.keepAliveDelayMs);
    return transport;
  }

  /** The descriptor of a socket that is bound to a source, where the connection is to have one. */
  #bind(address: Address): number | null | "refused" {
    const { source } = this.#place.variant;
    // A Unix socket has no source, and Envoy lets it be.
    if (source === null || address.kind === "pipe") return null;
    const socket = sources.open(source, address.host.includes(":"));
    if (socket.fd !== null) return socket.fd;
    const { fault } = socket;
    if (fault.step === "bind") this.#cluster.count(UPSTREAM_BIND_ERRORS, 1);
    const reason = sourceReason(fault, source);
    process.nextTick(() => this.#listener.onFailed({ kind: "local", reason }));
    return "refused";
  }

  /** Connects within the worker: at once, but the pool hears of it later, as it does of others. */
  #dial({ listener, endpointId }: InternalAddress): Transport {
    const { passedMetadata: metadata, variant } = this.#place;
    const origin = { state: variant.state, metadata, endpointId };
    const transport = this.#cluster.internal.dial(listener, origin);
    const { proxyHeader } = this.#cluster.model;
    if (proxyHeader !== null) transport?.writeBytes(this.#makePreface(proxyHeader, null));
    const { tls } = this.#cluster;
    if (transport !== null && tls !== null) {
      const stream = new TransportStream(this.#engine, transport);
      this.socket = this.#openTls(tls, { isPipe: false, stream, fd: null });
      return new SocketTransport(this.#engine, this.socket);
    }
    process.nextTick(() => {
      if (transport?.isLost === false) this.#listener.onConnected(null);
      else {
        // What Envoy says of an endpoint within the process that nobody listens at.
        const place = `envoy://${listener}/${endpointId}`;
        const reason = `immediate connect error: Invalid argument|remote address:${place}`;
        this.#listener.onFailed({ kind: "remote", reason });
      }
    });
    return transport ?? new DeadTransport();
  }

  /** A socket that says when plain text may flow: at once, or after the handshake. */
  #openSocket(address: Address, fd: number | null): net.Socket {
    const { tls } = this.#cluster;
    const isPipe = address.kind === "pipe";
    if (tls !== null) return this.#openTls(tls, { isPipe, stream: null, fd });
    const socket = openSocket(this.#engine, fd, (bytes) => this.#listener.onRead(bytes));
    return socket.on("connect", () => {
      const { proxyHeader } = this.#cluster.model;
      const { transport } = this;
      if (proxyHeader !== null) transport.writeBytes(this.#makePreface(proxyHeader, socket));
      this.#listener.onConnected(null);
    });
  }

  #openTls(tls: ClientTls, below: Pick<ConnectPlace, "isPipe" | "stream" | "fd">): TLSSocket {
    const { input } = this.#engine;
    const { hostname, codec } = this.#place;
    // Within the worker it is sent by now.
    const { proxyHeader } = this.#cluster.model;
    const preface =
      proxyHeader === null || below.stream !== null
        ? null
        : (socket: net.Socket) => this.#makePreface(proxyHeader, socket);
    const reader = { input, onRead: (bytes: number) => this.#listener.onRead(bytes) };
    const protocols = offeredProtocols(tls.model.protocols, codec);
    return tls.open(
      reader,
      { ...below, hostname, protocols, preface },
      {
        onSecure: (peer) => this.#listener.onConnected(peer),
        onRefused: (reason) => this.#listener.onFailed({ kind: "remote", reason }),
      },
    );
  }

  /** The PROXY header, which goes before all else, and before TLS. */
  #makePreface(model: ProxyUpstreamModel, socket: net.Socket | null): Uint8Array {
    const { variant, proxyTlvs: hostTlvs } = this.#place;
    const ownEnds = socket === null ? NO_ENDS : endsOf(socket);
    const { bytes, isCut } = prefaceOf({ model, origin: variant.origin, hostTlvs, ownEnds });
    if (isCut) this.#cluster.countCutHeader();
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_TX_BYTES_TOTAL, bytes.length);
    return bytes;
  }
}
