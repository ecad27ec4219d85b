import type { X509Certificate } from "node:crypto";
import { Duplex } from "node:stream";
import type { PeerCertificate, SecureContext, TLSSocket, TLSSocketOptions } from "node:tls";
import { nodeCrypto, nodeTls } from "../../engine/node-tls.ts";
import { writeBelowTls } from "../../engine/write/find-handle.ts";
import type { PresentedPeer } from "../peer-check.ts";

/** Certificates of a peer's chain that are looked at. */
const CHAIN_MAX = 32;

/** Where the bytes go that a socket reads. */
export interface TlsReader {
  /** The engine's input region, which all sockets of a worker share. */
  readonly input: Uint8Array;
  /** Gets the number of bytes of plain text that were read. */
  onRead(bytes: number): void;
}

/** How a connection that was accepted is wrapped in TLS. */
export interface AcceptOptions extends TlsReader {
  readonly context: SecureContext;
  readonly requestsCertificate: boolean;
  /** The handshake fails with an alert when there is none. */
  readonly requiresCertificate: boolean;
  readonly protocols: readonly string[];
  /**
   * Gives the context for a server name, or null to stay with the first. Null where there is no
   * other: to be asked costs a handshake a stop in the middle.
   */
  readonly chooseContext: ((serverName: string) => SecureContext | null) | null;
}

/** How a connection that is to be made is wrapped in TLS. */
export interface ConnectOptions extends TlsReader {
  readonly context: SecureContext;
  readonly protocols: readonly string[];
  /** Name for SNI, or empty. */
  readonly serverName: string;
  /** A session to resume, or null. */
  readonly session: Buffer | null;
  /** Gets sessions that can be resumed; null where nobody wants them. */
  readonly onSession: ((session: Buffer) => void) | null;
  readonly isPipe: boolean;
  /** What goes before the handshake where the socket is to connect, or null. */
  readonly preface: ((socket: TLSSocket) => Uint8Array) | null;
  /** Descriptor of a socket that is to connect, or null for a new one. */
  readonly fd: number | null;
  /** A connection that there is already, or null for a socket that is to connect. */
  readonly stream: Duplex | null;
}

/** Options that node takes but its types do not know. */
interface WrapOptions extends TLSSocketOptions {
  readonly allowHalfOpen: boolean;
  readonly onread: object;
  readonly pipe?: boolean;
  /** The handle of an accepted connection. */
  readonly accepted?: unknown;
}

/**
 * A TLS socket around the bare handle of a connection. Node's own way to accept takes a socket in
 * plain text around the handle first, which costs every connection twice, and cannot read into
 * memory of ours.
 */
function defineHandleSocket(): typeof TLSSocket {
  const { TLSSocket: NodeSocket } = nodeTls();
  const wrapHandle: unknown = Reflect.get(NodeSocket.prototype, "_wrapHandle");
  if (typeof wrapHandle !== "function") throw new Error("this Node has no TLSSocket._wrapHandle");
  return class HandleTlsSocket extends NodeSocket {
    /** Node calls this from its constructor, to wrap a handle in OpenSSL. */
    _wrapHandle(wrap: unknown, handle: unknown, isWriting: unknown): unknown {
      const options: unknown = Reflect.get(this, "_tlsOptions");
      const accepted = isObject(options) ? (Reflect.get(options, "accepted") ?? handle) : handle;
      return Reflect.apply(wrapHandle, this, [wrap, accepted, isWriting]);
    }
  };
}

let handleSocket: typeof TLSSocket | null = null;

/** Wraps an accepted handle, or a stream. Emits `secure` after the handshake. */
export function acceptTls(handle: unknown, options: AcceptOptions): TLSSocket {
  const stream = handle instanceof Duplex ? handle : null;
  const { chooseContext } = options;
  const socket = construct(stream, {
    isServer: true,
    secureContext: options.context,
    requestCert: options.requestsCertificate,
    rejectUnauthorized: options.requiresCertificate,
    ALPNProtocols: options.protocols.length > 0 ? [...options.protocols] : undefined,
    SNICallback:
      chooseContext === null
        ? undefined
        : (name, callback) => callback(null, chooseContext(name) ?? undefined),
    onread: toOnRead(options),
    allowHalfOpen: true,
    accepted: stream === null ? handle : undefined,
  });
  if (stream !== null) readStream(socket, options);
  // The constructor takes a socket without a `net.Socket` for one that connects.
  Reflect.set(socket, "connecting", false);
  releaseControl(socket);
  return socket;
}

/** Has an accepted socket work on bytes that were read before it had the handle. */
export function receiveTls(socket: TLSSocket, bytes: Uint8Array): void {
  call(Reflect.get(socket, "_handle"), "receive", [bytes]);
}

/** Makes a socket that is to connect. The handshake begins by itself; then it emits `secure`. */
export function connectTls(options: ConnectOptions): TLSSocket {
  const { stream } = options;
  const socket = construct(stream, {
    isServer: false,
    secureContext: options.context,
    rejectUnauthorized: false,
    ALPNProtocols: options.protocols.length > 0 ? [...options.protocols] : undefined,
    onread: toOnRead(options),
    allowHalfOpen: true,
    pipe: options.isPipe,
  });
  if (options.fd !== null) adoptBelow(socket, options.fd);
  releaseControl(socket);
  if (options.serverName !== "") call(socket, "setServername", [options.serverName]);
  const handle: unknown = Reflect.get(socket, "_handle");
  if (options.session !== null) call(handle, "setSession", [options.session]);
  // Node's own event comes only from sockets that `tls.connect` made.
  if (options.onSession !== null && isObject(handle)) {
    call(handle, "enableSessionCallbacks");
    const { onSession } = options;
    Reflect.set(handle, "onnewsession", (_id: unknown, session: Buffer) => onSession(session));
  }
  if (stream === null) {
    socket.once("connect", () => {
      const { preface } = options;
      if (preface !== null && !writeBelowTls(socket, preface(socket))) {
        socket.destroy(new Error("nothing can be written before the handshake"));
      } else call(socket, "_start");
    });
  } else {
    readStream(socket, options);
    Reflect.set(socket, "connecting", false);
    call(socket, "_start");
  }
  return socket;
}

/** The session in OpenSSL's form, or null. What node's own method returns has more in it. */
export function sessionOf(socket: TLSSocket): Uint8Array | null {
  const handle: unknown = Reflect.get(socket, "_handle");
  const session = isObject(handle) ? call(handle, "getSession") : null;
  return session instanceof Uint8Array ? session : null;
}

/** What the handshake told of the peer. The chain is read only when somebody asks for it. */
export function presentedPeer(socket: TLSSocket, hasChain = true): PresentedPeer {
  const handle: unknown = Reflect.get(socket, "_handle");
  const fault: unknown = handle === null ? null : call(handle, "verifyError");
  return {
    certificate: socket.getPeerX509Certificate() ?? null,
    get sent() {
      return hasChain ? chainOf(socket) : [];
    },
    chainFault: isFault(fault) ? fault.code : null,
  };
}

/** The certificates above the peer's own. */
function chainOf(socket: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let last: PeerCertificate | undefined = socket.getPeerCertificate(true);
  for (let count = 0; count < CHAIN_MAX; count++) {
    const next: PeerCertificate | undefined = issuerOf(last);
    // A root is its own issuer.
    if (next === undefined || next === last || next.raw === undefined) break;
    chain.push(new (nodeCrypto().X509Certificate)(next.raw));
    last = next;
  }
  return chain;
}

function issuerOf(certificate: PeerCertificate | undefined): PeerCertificate | undefined {
  if (certificate === undefined || !("issuerCertificate" in certificate)) return undefined;
  const { issuerCertificate } = certificate;
  return isPeerCertificate(issuerCertificate) ? issuerCertificate : undefined;
}

function isPeerCertificate(value: unknown): value is PeerCertificate {
  return isObject(value) && "raw" in value;
}

function construct(stream: Duplex | null, options: WrapOptions): TLSSocket {
  handleSocket ??= defineHandleSocket();
  return Reflect.construct(handleSocket, [stream ?? undefined, options]);
}

/** On a stream node does not read into memory of ours: what it has read is copied there. */
function readStream(socket: TLSSocket, { input, onRead }: TlsReader): void {
  socket.on("data", (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length && !socket.destroyed; at += input.length) {
      const piece = bytes.subarray(at, at + input.length);
      input.set(piece);
      onRead(piece.length);
    }
  });
}

function toOnRead({ input, onRead }: TlsReader): object {
  return {
    buffer: input,
    callback: (bytes: number) => {
      onRead(bytes);
      return true;
    },
  };
}

/** Has the handle below TLS, which has no socket yet, work on that one. */
function adoptBelow(socket: TLSSocket, fd: number): void {
  const handle: unknown = Reflect.get(socket, "_handle");
  const below: unknown = isObject(handle) ? Reflect.get(handle, "_parent") : null;
  const fault = call(below, "open", [fd]);
  if (fault !== 0) throw new Error(`this Node cannot adopt a socket: ${String(fault)}`);
}

/** From then on errors are emitted as `error`, as `tls.connect` has it. */
function releaseControl(socket: TLSSocket): void {
  call(socket, "_releaseControl");
}

function call(target: unknown, name: string, given: readonly unknown[] = []): unknown {
  const method: unknown = isObject(target) ? Reflect.get(target, name) : null;
  if (typeof method !== "function") throw new Error(`this Node has no ${name} in TLS`);
  return Reflect.apply(method, target, given);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isFault(fault: unknown): fault is { readonly code: string } {
  return isObject(fault) && "code" in fault;
}
