import { isUtf8 } from "node:buffer";
import {
  PROXY_PROTOCOL_LEGACY_ERROR,
  PROXY_PROTOCOL_NOT_FOUND_ALLOWED,
  PROXY_PROTOCOL_NOT_FOUND_DISALLOWED,
  PROXY_PROTOCOL_V1_DISALLOWED,
  PROXY_PROTOCOL_V1_ERROR,
  PROXY_PROTOCOL_V1_FOUND,
  PROXY_PROTOCOL_V2_STEP,
} from "../../../api/engine/network/listener-filter-stats.ts";
import { MeshError } from "../../../api/errors.ts";
import type { ProxyProtocolModel, TlvRuleModel } from "../../config/listener-model.ts";
import {
  findProxyVersion,
  PROXY_LINE_BYTES_MAX,
  type ProxyHeader,
  type ProxyTlv,
  readProxyHeader,
} from "../../proxy-protocol/proxy-header.ts";
import { toAddressNumber } from "../../config/address/address-range.ts";
import type { ConnectionFacts } from "../connection-facts.ts";
import type { FilterCounter, FilterVerdict, ListenerFilter } from "./listener-filter.ts";

const LF = 10;

/** Takes a PROXY header off a connection, and what it says of the ends. */
export class ProxyProtocol implements ListenerFilter {
  takenBytes = 0;
  readonly #model: ProxyProtocolModel;
  readonly #facts: ConnectionFacts;
  readonly #stats: FilterCounter;
  readonly #legacy: FilterCounter;

  /** @param legacy Where the one number is counted that Envoy has below no prefix. */
  constructor(
    model: ProxyProtocolModel,
    facts: ConnectionFacts,
    stats: FilterCounter,
    legacy: FilterCounter,
  ) {
    this.#model = model;
    this.#facts = facts;
    this.#stats = stats;
    this.#legacy = legacy;
  }

  onAccept(): FilterVerdict {
    return "more";
  }

  onBytes(bytes: Uint8Array): FilterVerdict {
    const version = findProxyVersion(bytes);
    const { allowsNone, disallowed } = this.#model;
    if (version === "more") return "more";
    const isAllowed = version !== null && !disallowed.includes(version);
    if (!isAllowed && allowsNone) {
      this.#stats.count(PROXY_PROTOCOL_NOT_FOUND_ALLOWED);
      return "next";
    }
    if (version === null) return this.#refuse(PROXY_PROTOCOL_NOT_FOUND_DISALLOWED);
    const step = version === 2 ? PROXY_PROTOCOL_V2_STEP : 0;
    if (!isAllowed) {
      // As in Envoy a line is one only with its end.
      if (version === 1 && !bytes.subarray(0, PROXY_LINE_BYTES_MAX).includes(LF)) {
        if (bytes.length < PROXY_LINE_BYTES_MAX) return "more";
        return this.#refuse(PROXY_PROTOCOL_V1_ERROR);
      }
      // Envoy counts it as found, too.
      this.#stats.count(PROXY_PROTOCOL_V1_FOUND + step);
      this.#stats.count(PROXY_PROTOCOL_V1_DISALLOWED + step);
      return "close";
    }
    const header = tryHeader(bytes);
    if (header === null) return "more";
    if (header === "wrong" || !this.#apply(header)) {
      return this.#refuse(PROXY_PROTOCOL_V1_ERROR + step);
    }
    this.#stats.count(PROXY_PROTOCOL_V1_FOUND + step);
    this.takenBytes = header.bytes;
    return "next";
  }

  #refuse(counter: number): FilterVerdict {
    this.#stats.count(counter);
    this.#legacy.count(PROXY_PROTOCOL_LEGACY_ERROR);
    return "close";
  }

  /** Returns false for ends that a connection cannot have. */
  #apply({ ends, tlvs }: ProxyHeader): boolean {
    const facts = this.#facts;
    const { passed, rules } = this.#model;
    for (const tlv of tlvs) {
      for (const rule of rules) if (rule.type === tlv.type) setMetadata(facts, rule, tlv);
    }
    facts.tlvs = tlvs.filter(({ type }) => passed === "all" || passed.includes(type));
    if (ends === null) return true;
    const { source, destination } = ends;
    if (!isUnicast(source.ip) || !isUnicast(destination.ip)) return false;
    const { localAddress, localPort } = facts.ends;
    if (destination.ip !== localAddress || destination.port !== localPort) {
      facts.restoreLocal(destination.ip, destination.port);
    }
    facts.ends = { ...facts.ends, remoteAddress: source.ip, remotePort: source.port };
    return true;
  }
}

function tryHeader(bytes: Uint8Array): ProxyHeader | null | "wrong" {
  try {
    return readProxyHeader(bytes);
  } catch (error) {
    if (error instanceof MeshError) return "wrong";
    throw error;
  }
}

function setMetadata(facts: ConnectionFacts, rule: TlvRuleModel, { value }: ProxyTlv): void {
  const bytes = Buffer.from(value);
  const text = bytes.toString(rule.encoding);
  // What is no UTF-8 becomes exclamation marks, as in Envoy.
  const isPlain = rule.encoding !== "utf8" || isUtf8(bytes);
  facts.setMetadata(rule.namespace, rule.key, isPlain ? text : text.replaceAll("\ufffd", "!"));
}

/** Neither any address, nor all, nor a group. */
function isUnicast(ip: string): boolean {
  const address = toAddressNumber(ip);
  if (address === null || address.value === 0n) return false;
  if (address.width === 128) return address.value >> 120n !== 0xffn;
  return address.value >> 28n !== 0xen && address.value !== 0xffff_ffffn;
}
