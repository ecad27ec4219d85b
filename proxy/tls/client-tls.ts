import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { SecureContext, TLSSocket } from "node:tls";
import { TLS_CONNECTION_ERROR } from "../../api/engine/tls/tls-stats.ts";
import type { TlsContextModel } from "../config/tls-model.ts";
import { PeerCheck } from "./peer-check.ts";
import { buildSecureContext } from "./secure-context.ts";
import { tlsReason, verifyReason } from "./tls-reason.ts";
import type { SecurePeer } from "./connection-facts.ts";
import type { TlsCounts } from "./tls-counts.ts";
import { connectTls, presentedPeer, type TlsReader } from "./socket/tls-socket.ts";

/** Who hears of the handshake of a connection that is being made. */
export interface ConnectListener {
  /** The upstream is the one that was meant: plain text may flow. */
  onSecure(peer: SecurePeer): void;
  /** It is not, for a reason in Envoy's words; the socket is no use any more. */
  onRefused(reason: string): void;
}

/** Where a connection leads. */
export interface ConnectPlace {
  /** Whether it will connect to a Unix socket. */
  readonly isPipe: boolean;
  /** What is offered by ALPN, most wanted first; empty for no ALPN. */
  readonly protocols: readonly string[];
  /** The endpoint's name, for `auto_host_sni`; empty where it has none. */
  readonly hostname: string;
  /** What is sent in plain text before the handshake, asked for when it is connected; or null. */
  readonly preface: ((socket: Socket) => Uint8Array) | null;
  /** Descriptor of a socket that is to connect, at once, where there is one already. */
  readonly fd: number | null;
  /** The connection, where there is one already. */
  readonly stream: Duplex | null;
}

/** The TLS of one cluster in one worker. */
export class ClientTls {
  readonly #counts: TlsCounts;
  #model: TlsContextModel;
  #parts: ClientParts;

  /** @throws Error for secrets that OpenSSL refuses; they were tried before. */
  constructor(model: TlsContextModel, counts: TlsCounts) {
    this.#model = model;
    this.#counts = counts;
    this.#parts = new ClientParts(model);
  }

  /** What runs. */
  get model(): TlsContextModel {
    return this.#model;
  }

  /** Has later connections use other secrets. Sessions of the old ones are forgotten. */
  update(model: TlsContextModel): void {
    this.#parts = new ClientParts(model);
    this.#model = model;
  }

  /** Makes a socket that is to connect; its handshake begins when it is connected. */
  open(reader: TlsReader, place: ConnectPlace, listener: ConnectListener): TLSSocket {
    const parts = this.#parts;
    const serverName = parts.serverNameOf(place);
    const resumed = parts.takeSession(serverName);
    const own = new SessionKeeper(parts, serverName);
    const socket = connectTls({
      ...reader,
      context: parts.context,
      protocols: place.protocols,
      serverName,
      session: resumed?.session ?? null,
      onSession: parts.sessionsMax > 0 ? (session) => own.add(session) : null,
      isPipe: place.isPipe,
      preface: place.preface,
      stream: place.stream,
      fd: place.fd,
    });
    let isFaulty = false;
    socket.on("error", ({ code = "" }: NodeJS.ErrnoException) => {
      if (isFaulty || !code.startsWith("ERR_SSL_")) return;
      isFaulty = true;
      this.#counts.count(TLS_CONNECTION_ERROR);
    });
    socket.once("secure", () => {
      // Node shows no certificate of a resumed session. It was judged when the session began, by
      // the same parts, and a session is kept only of those that were accepted.
      const first = socket.isSessionReused() ? resumed : null;
      const certificate = first?.certificate ?? socket.getPeerX509Certificate() ?? null;
      const fault = first === null ? this.#judge(socket, parts, serverName) : null;
      if (fault !== null) {
        listener.onRefused(verifyReason(fault));
        return;
      }
      this.#counts.countHandshake(socket);
      own.accept(certificate);
      listener.onSecure({ certificate, serverName });
    });
    return socket;
  }

  /** Why the upstream is refused, or null. */
  #judge(socket: TLSSocket, { check }: ClientParts, serverName: string): string | null {
    const peer = presentedPeer(socket);
    const { isAccepted, counter, reason } = check.judge(peer, new Date(), serverName);
    if (isAccepted) return null;
    this.#counts.count(counter);
    return reason;
  }
}

/** Why a handshake failed, in Envoy's words, or null for what is no fault of TLS. */
export function handshakeReason({ code = "" }: NodeJS.ErrnoException): string | null {
  return code.startsWith("ERR_SSL_") || code === "ECONNRESET" ? tlsReason(code) : null;
}

/** A session that can be resumed, and whose it is. */
interface KeptSession {
  readonly session: Buffer;
  /** The name that it began with: another one might not be among the upstream's. */
  readonly serverName: string;
  readonly certificate: X509Certificate | null;
}

/** Holds sessions back until the upstream is accepted: in TLS 1.2 they come before that. */
class SessionKeeper {
  readonly #parts: ClientParts;
  readonly #serverName: string;
  #waiting: Buffer[] = [];
  #certificate: X509Certificate | null = null;
  #isAccepted = false;

  constructor(parts: ClientParts, serverName: string) {
    this.#parts = parts;
    this.#serverName = serverName;
  }

  add(session: Buffer): void {
    if (this.#isAccepted) {
      const certificate = this.#certificate;
      this.#parts.keepSession({ session, certificate, serverName: this.#serverName });
    } else if (this.#waiting.length < this.#parts.sessionsMax) this.#waiting.push(session);
  }

  accept(certificate: X509Certificate | null): void {
    this.#isAccepted = true;
    this.#certificate = certificate;
    for (const session of this.#waiting) this.add(session);
    this.#waiting = [];
  }
}

/** What is made from one version of the secrets. */
class ClientParts {
  readonly model: TlsContextModel;
  readonly context: SecureContext;
  readonly check: PeerCheck;
  readonly sessionsMax: number;
  /** The newest last. */
  readonly #sessions: KeptSession[] = [];

  constructor(model: TlsContextModel) {
    const side = { isServer: false, ticketKey: null, hasTickets: true, sessionTimeoutS: 0 };
    this.model = model;
    this.context = buildSecureContext(model, model.certificates, side);
    this.check = new PeerCheck(model.validation, true, model.upstream?.checksServerName);
    this.sessionsMax = model.upstream?.sessionsMax ?? 0;
  }

  /** Envoy `auto_host_sni`: the endpoint's name is sent where it has one. */
  serverNameOf({ hostname }: ConnectPlace): string {
    const { upstream } = this.model;
    const takesHostname = upstream?.sendsHostname === true && hostname !== "";
    return takesHostname ? hostname : (upstream?.serverName ?? "");
  }

  /** The newest session, to resume. Those of TLS 1.3 are for one use, so it is taken out. */
  takeSession(serverName: string): KeptSession | null {
    const at = this.#sessions.findLastIndex((each) => each.serverName === serverName);
    if (at < 0) return null;
    const session = this.#sessions[at];
    if (this.model.versionMax === "TLSv1.3") this.#sessions.splice(at, 1);
    return session;
  }

  keepSession(session: KeptSession): void {
    this.#sessions.push(session);
    if (this.#sessions.length > this.sessionsMax) this.#sessions.shift();
  }
}
