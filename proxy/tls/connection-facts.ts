import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import * as facts from "../../api/engine/tls/tls-facts.ts";
import type { ForwardedDetails, HttpConnectionManagerModel } from "../config/model.ts";
import type { Engine } from "../engine/engine.ts";
import { DER_OCTETS, DER_SEQUENCE, readElements } from "./certificate/der.ts";
import { factsOf, type Inspected, NOT_INSPECTED, type ToldConnection } from "./peer-facts.ts";
import { groupOf } from "./tls-counts.ts";
import { presentedPeer, sessionOf } from "./socket/tls-socket.ts";

/** Bytes that the engine may look at behind a text. */
const SLACK_BYTES = 64;

/** What of an upstream its socket does not say. */
export interface SecurePeer {
  /** Node shows none of a session that was resumed. */
  readonly certificate: X509Certificate | null;
  /** The name that was sent for SNI, or empty. */
  readonly serverName: string;
}

/** What is told of the connections of a connection manager. */
type Wanted = Pick<HttpConnectionManagerModel, "forwardedDetails" | "tlsFacts">;

/** Tells the engine what TLS says of a downstream connection, if anybody wants to know. */
export function tellDownstream(
  engine: Engine,
  record: number,
  socket: TLSSocket,
  { forwardedDetails: forwarded, tlsFacts }: Wanted,
  inspected: Inspected,
): void {
  const asked = tlsFacts | (forwarded === null ? 0 : 1 << facts.FACT_FORWARDED_CERTIFICATE);
  if (asked === 0) return;
  const peer = presentedPeer(socket);
  const told = new SocketFacts(socket, peer.certificate, "", forwarded, inspected);
  engine.calls.setFacts(record, place(engine, told, asked));
}

/** The same of a connection that stays as it is, of which the TLS inspector alone knows. */
export function tellInspected(
  engine: Engine,
  record: number,
  inspected: Inspected,
  tlsFacts: number,
): void {
  const asked = tlsFacts & INSPECTED_FACTS;
  if (asked === 0 || (inspected.serverName === "" && inspected.ja3 === "")) return;
  engine.calls.setFacts(record, place(engine, { ...NOTHING_TOLD, inspected }, asked));
}

const INSPECTED_FACTS = (1 << facts.FACT_REQUESTED_SERVER_NAME) | (1 << facts.FACT_JA3);

const NOTHING_TOLD: ToldConnection = {
  own: null,
  peer: null,
  sent: [],
  forwarded: null,
  version: "",
  cipher: "",
  sessionId: "",
  group: "",
  serverName: "",
  inspected: NOT_INSPECTED,
};

/** Tells the engine what TLS says of an upstream connection, if anybody wants to know. */
export function tellUpstream(
  engine: Engine,
  record: number,
  socket: TLSSocket,
  peer: SecurePeer,
  asked: number,
): void {
  if (asked === 0) return;
  const told = new SocketFacts(socket, peer.certificate, peer.serverName, null, NOT_INSPECTED);
  engine.calls.setFacts(record, place(engine, told, asked));
}

/** Whether connections that move from one connection manager to another have more to tell. */
export function tellsMore(before: Wanted, after: Wanted): boolean {
  if ((after.tlsFacts & ~before.tlsFacts) !== 0) return true;
  return JSON.stringify(after.forwardedDetails) !== JSON.stringify(before.forwardedDetails);
}

/** What a socket tells; what is costly is found out only when it is asked for. */
class SocketFacts implements ToldConnection {
  readonly peer: X509Certificate | null;
  readonly serverName: string;
  readonly forwarded: ForwardedDetails | null;
  readonly inspected: Inspected;
  readonly #socket: TLSSocket;

  constructor(
    socket: TLSSocket,
    peer: X509Certificate | null,
    serverName: string,
    forwarded: ForwardedDetails | null,
    inspected: Inspected,
  ) {
    this.inspected = inspected;
    this.#socket = socket;
    this.peer = peer;
    this.serverName = serverName;
    this.forwarded = forwarded;
  }

  get own(): X509Certificate | null {
    return this.#socket.getX509Certificate() ?? null;
  }

  get sent(): readonly X509Certificate[] {
    return presentedPeer(this.#socket).sent;
  }

  get version(): string {
    return this.#socket.getProtocol() ?? "";
  }

  get cipher(): string {
    return this.#socket.getCipher().name;
  }

  get group(): string {
    return groupOf(this.#socket);
  }

  get sessionId(): string {
    // Sessions of TLS 1.3 have none.
    if (this.version === "TLSv1.3") return "";
    return sessionIdOf(sessionOf(this.#socket));
  }
}

/** The id in OpenSSL's form of a session: version, version of TLS, cipher, id, and more. */
function sessionIdOf(session: Uint8Array | null): string {
  const outer = session === null ? undefined : readElements(session)?.[0];
  const id = outer?.tag === DER_SEQUENCE ? readElements(outer.content)?.[3] : undefined;
  return id?.tag === DER_OCTETS ? Buffer.from(id.content).toString("hex") : "";
}

/** Returns the address of the block, which then belongs to whom it is given to. */
function place(engine: Engine, told: ToldConnection, asked: number): number {
  const bytes = factsOf(told, asked);
  let length = facts.FACT_TEXTS;
  for (const each of bytes.values()) length += each.length;
  const block = engine.calls.allocate(length + SLACK_BYTES);
  engine.bytes.fill(0, block, block + facts.FACT_TEXTS);
  engine.words[(block + facts.FACT_USERS) >> 2] = 1;
  let at = facts.FACT_TEXTS;
  for (const [fact, each] of bytes) {
    const entry = (block + fact * facts.FACT_BYTES) >> 2;
    engine.words[entry] = at;
    engine.words[entry + 1] = each.length;
    engine.bytes.set(each, block + at);
    at += each.length;
  }
  return block;
}
