import { nodeCrypto } from "../engine/node-tls.ts";
import type { SecureContext, TLSSocket } from "node:tls";
import {
  TLS_CONNECTION_ERROR,
  TLS_FAIL_VERIFY_NO_CERT,
  TLS_NO_CERTIFICATE,
} from "../../api/engine/tls/tls-stats.ts";
import type { CertificateModel, TlsContextModel } from "../config/tls-model.ts";
import { PeerCheck, type PresentedPeer, requiresCertificate } from "./peer-check.ts";
import { buildSecureContext, leafOf, type SideOptions } from "./secure-context.ts";
import { ServerCertificates } from "./server-certificates.ts";
import { acceptTls, presentedPeer, type TlsReader } from "./socket/tls-socket.ts";
import type { TlsCounts } from "./tls-counts.ts";

/** Bytes of node's ticket keys: name, HMAC and AES, 16 each. */
const TICKET_KEY_BYTES = 48;
/** OpenSSL's code for a peer that should have had a certificate. */
const NO_CERTIFICATE = "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE";

/** A peer that was not asked for a certificate. */
const NO_PEER: PresentedPeer = { certificate: null, sent: [], chainFault: null };

/** What a connection is told of its handshake. Exactly one is called, once. */
export interface HandshakeListener {
  /** @param isValidated Whether the peer's certificate was found to be trusted. */
  onSecure(isValidated: boolean): void;
  /** The socket is no use, and is closed by the listener's owner. */
  onFailed(): void;
}

/** The TLS of one filter chain in one worker: contexts that are made once for each secret. */
export class ServerTls {
  readonly #counts: TlsCounts;
  readonly #seed: Uint8Array;
  #model: TlsContextModel;
  #parts: ServerParts;

  /**
   * @param seed Random bytes of the process: workers make their ticket keys from it, so that a
   *   session that began in one goes on in another.
   * @throws Error for secrets that OpenSSL refuses; they were tried before.
   */
  constructor(model: TlsContextModel, seed: Uint8Array, counts: TlsCounts) {
    this.#model = model;
    this.#seed = seed;
    this.#counts = counts;
    this.#parts = new ServerParts(model, seed);
  }

  /** What runs. */
  get model(): TlsContextModel {
    return this.#model;
  }

  /** Has later connections use other secrets; those that there are keep theirs. */
  update(model: TlsContextModel): void {
    this.#parts = new ServerParts(model, this.#seed);
    this.#model = model;
  }

  /** Begins the handshake on a connection that was accepted. */
  accept(handle: unknown, reader: TlsReader, listener: HandshakeListener): TLSSocket {
    const parts = this.#parts;
    const socket = acceptTls(handle, {
      ...reader,
      context: parts.context,
      requestsCertificate: parts.requestsCertificate,
      requiresCertificate: parts.requiresCertificate,
      protocols: parts.model.protocols,
      chooseContext: parts.hasChoice ? (name) => parts.contextFor(name) : null,
    });
    let isOver = false;
    const fail = (): void => {
      if (isOver) return;
      isOver = true;
      listener.onFailed();
    };
    socket.once("secure", () => {
      if (isOver) return;
      isOver = true;
      this.#judge(socket, parts, listener);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#countFault(error);
      fail();
    });
    socket.once("end", fail);
    socket.once("close", fail);
    return socket;
  }

  /** Faults of TLS, at any time; a peer that just goes away is none. */
  #countFault({ code = "" }: NodeJS.ErrnoException): void {
    if (code === NO_CERTIFICATE) this.#counts.count(TLS_FAIL_VERIFY_NO_CERT);
    else if (code.startsWith("ERR_SSL_")) this.#counts.count(TLS_CONNECTION_ERROR);
  }

  #judge(socket: TLSSocket, parts: ServerParts, listener: HandshakeListener): void {
    const { check, requestsCertificate } = parts;
    const peer = requestsCertificate ? presentedPeer(socket) : NO_PEER;
    const { isAccepted, isValidated, counter } = check.judge(peer, new Date());
    if (!isAccepted) {
      this.#counts.count(counter);
      listener.onFailed();
      return;
    }
    this.#counts.countHandshake(socket);
    if (peer.certificate === null) this.#counts.count(TLS_NO_CERTIFICATE);
    listener.onSecure(isValidated);
  }
}

/** What is made from one version of the secrets. */
class ServerParts {
  readonly model: TlsContextModel;
  readonly certificates: ServerCertificates;
  readonly check: PeerCheck;
  readonly requestsCertificate: boolean;
  readonly requiresCertificate: boolean;
  /** Whether another context than that for peers without a name may be chosen. */
  readonly hasChoice: boolean;
  readonly #side: SideOptions;
  /** For peers that send no name. */
  readonly context: SecureContext;
  readonly #rsa: ReadonlySet<CertificateModel>;
  readonly #contexts = new Map<CertificateModel, SecureContext>();

  constructor(model: TlsContextModel, seed: Uint8Array) {
    const { downstream, validation } = model;
    this.model = model;
    this.certificates = new ServerCertificates(
      model.certificates,
      downstream?.scansAllCertificates ?? false,
    );
    this.hasChoice = model.certificates.length > 1;
    this.requiresCertificate =
      (downstream?.requiresCertificate ?? false) || requiresCertificate(validation);
    this.requestsCertificate = this.requiresCertificate || validation !== null;
    this.check = new PeerCheck(validation, this.requiresCertificate);
    this.#side = {
      isServer: true,
      ticketKey: ticketKeyOf(model, seed),
      hasTickets: downstream?.hasTickets ?? true,
      sessionTimeoutS: downstream?.sessionTimeoutS ?? 0,
    };
    this.#rsa = new Set(model.certificates.filter(isRsa));
    this.context = buildSecureContext(model, this.certificates.unnamed, this.#side);
  }

  /**
   * The context for a server name, or null for that of peers without one. Node takes over only one
   * certificate of another context, so of several the RSA one is taken, which every peer can check.
   */
  contextFor(serverName: string): SecureContext | null {
    const choice = this.certificates.choose(serverName);
    const { unnamed } = this.certificates;
    const isSame =
      choice.length === unnamed.length && choice.every((each, i) => each === unnamed[i]);
    if (isSame) return null;
    const certificate = choice.find((each) => this.#rsa.has(each)) ?? choice[0];
    const known = this.#contexts.get(certificate);
    if (known !== undefined) return known;
    const context = buildSecureContext(this.model, [certificate], this.#side);
    this.#contexts.set(certificate, context);
    return context;
  }
}

function isRsa(certificate: CertificateModel): boolean {
  return leafOf(certificate).publicKey.asymmetricKeyType === "rsa";
}

/**
 * The key of session tickets. Of Envoy's 80 bytes (name, HMAC, AES) node's shorter ones are made
 * with all of them, so tickets are for proxies of this kind only.
 */
function ticketKeyOf({ downstream, path }: TlsContextModel, seed: Uint8Array): Uint8Array {
  const own = downstream?.ticketKeys[0];
  const hash = nodeCrypto()
    .createHmac("sha384", own ?? seed)
    .update(own === undefined ? path : "ticket");
  return hash.digest().subarray(0, TICKET_KEY_BYTES);
}
