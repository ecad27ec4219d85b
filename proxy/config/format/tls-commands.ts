import * as image from "../../../api/engine/format-image.ts";
import * as facts from "../../../api/engine/tls/tls-facts.ts";
import { type Command, plain, withParameters } from "./command.ts";
import { buildTime } from "./time-pattern.ts";

type Side = "downstream" | "upstream";

/** Facts of both sides, by the names behind `DOWNSTREAM_` and `UPSTREAM_`. */
const COMMON: readonly (readonly [name: string, place: number])[] = [
  ["TLS_VERSION", facts.FACT_TLS_VERSION],
  ["TLS_CIPHER", facts.FACT_TLS_CIPHER],
  ["TLS_SESSION_ID", facts.FACT_TLS_SESSION_ID],
  ["PEER_SUBJECT", facts.FACT_PEER_SUBJECT],
  ["PEER_ISSUER", facts.FACT_PEER_ISSUER],
  ["PEER_CERT", facts.FACT_PEER_CERT],
  ["PEER_URI_SAN", facts.FACT_PEER_URI_SAN],
  ["PEER_DNS_SAN", facts.FACT_PEER_DNS_SAN],
  ["PEER_IP_SAN", facts.FACT_PEER_IP_SAN],
  ["LOCAL_URI_SAN", facts.FACT_LOCAL_URI_SAN],
  ["LOCAL_DNS_SAN", facts.FACT_LOCAL_DNS_SAN],
  ["LOCAL_IP_SAN", facts.FACT_LOCAL_IP_SAN],
];

const DOWNSTREAM: readonly (readonly [name: string, place: number])[] = [
  ["PEER_EMAIL_SAN", facts.FACT_PEER_EMAIL_SAN],
  ["PEER_OTHERNAME_SAN", facts.FACT_PEER_OTHERNAME_SAN],
  ["PEER_FINGERPRINT_256", facts.FACT_PEER_FINGERPRINT_256],
  ["PEER_FINGERPRINT_1", facts.FACT_PEER_FINGERPRINT_1],
  ["PEER_SERIAL", facts.FACT_PEER_SERIAL],
  ["PEER_CHAIN_FINGERPRINTS_256", facts.FACT_PEER_CHAIN_FINGERPRINTS_256],
  ["PEER_CHAIN_FINGERPRINTS_1", facts.FACT_PEER_CHAIN_FINGERPRINTS_1],
  ["PEER_CHAIN_SERIALS", facts.FACT_PEER_CHAIN_SERIALS],
  ["PEER_ISSUER_FINGERPRINT_256", facts.FACT_PEER_ISSUER_FINGERPRINT_256],
  ["PEER_ISSUER_SERIAL", facts.FACT_PEER_ISSUER_SERIAL],
  ["LOCAL_SUBJECT", facts.FACT_LOCAL_SUBJECT],
  ["LOCAL_EMAIL_SAN", facts.FACT_LOCAL_EMAIL_SAN],
  ["LOCAL_OTHERNAME_SAN", facts.FACT_LOCAL_OTHERNAME_SAN],
];

const UPSTREAM: readonly (readonly [name: string, place: number])[] = [
  ["TLS_GROUP", facts.FACT_TLS_GROUP],
  ["SERVER_NAME", facts.FACT_SERVER_NAME],
];

/** Always empty: the first is known of connections only, the other is not made. */
const EMPTY: readonly string[] = ["DOWNSTREAM_TRANSPORT_FAILURE_REASON", "TLS_JA4_FINGERPRINT"];

const HANDSHAKE =
  image.POINT_DOWNSTREAM_FIRST_RECEIVED |
  (image.POINT_DOWNSTREAM_HANDSHAKE << image.DURATION_TO_SHIFT) |
  image.DURATION_SIGNED;

/** What TLS tells, in formats. */
export const TLS_COMMANDS: readonly (readonly [name: string, command: Command])[] = [
  ...commandsOf("downstream", [...COMMON, ...DOWNSTREAM]),
  ...commandsOf("upstream", [...COMMON, ...UPSTREAM]),
  ["REQUESTED_SERVER_NAME", fact("downstream", facts.FACT_REQUESTED_SERVER_NAME)],
  ["TLS_JA3_FINGERPRINT", fact("downstream", facts.FACT_JA3)],
  ["DOWNSTREAM_HANDSHAKE_DURATION", plain(image.OP_DURATION, HANDSHAKE)],
  ...EMPTY.map((name) => [name, plain(image.OP_NOTHING)] as const),
];

function commandsOf(
  side: Side,
  named: readonly (readonly [name: string, place: number])[],
): (readonly [name: string, command: Command])[] {
  const prefix = side.toUpperCase();
  return [
    ...named.map(([name, place]) => [`${prefix}_${name}`, fact(side, place)] as const),
    [`${prefix}_PEER_CERT_V_START`, moment(side, facts.FACT_PEER_CERT_V_START)],
    [`${prefix}_PEER_CERT_V_END`, moment(side, facts.FACT_PEER_CERT_V_END)],
  ];
}

function fact(side: Side, place: number): Command {
  const code = side === "downstream" ? image.OP_DOWNSTREAM_FACT : image.OP_UPSTREAM_FACT;
  return {
    ...plain(code, place),
    build: (_, { askedFacts }) => {
      askedFacts[side] |= 1 << place;
      return { code, argument: place };
    },
  };
}

/** A time of the peer's certificate, in UTC. */
function moment(side: Side, place: number): Command {
  const isDownstream = side === "downstream";
  const code = isDownstream ? image.OP_DOWNSTREAM_FACT_TIME : image.OP_UPSTREAM_FACT_TIME;
  return withParameters("optional", false, (pattern, { askedFacts }) => {
    askedFacts[side] |= 1 << place;
    const time = buildTime(pattern, 0);
    return typeof time === "string" ? time : { ...time, code, argument: place };
  });
}
