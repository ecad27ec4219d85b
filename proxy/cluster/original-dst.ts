import { isIP } from "node:net";
import type { Address, EndpointModel, OriginalDstModel } from "../config/model.ts";
import type { Engine } from "../engine/engine.ts";
import { DESTINATION_KEY, findState, metadataKey } from "./filter-state.ts";

const OVERRIDE_KEY = "envoy.network.transport_socket.original_dst_address";
const PORT_MAX = 65_535;

/**
 * Where the connection of a stream goes in an ORIGINAL_DST cluster: as the filter state says, or
 * the metadata, or a header, or where the downstream connection was meant to go. Null when none of
 * them is an IP address with a port.
 *
 * @param onInvalid Hears of metadata, and of a header, that are none and are passed over.
 */
export function findDestination(
  engine: Engine,
  stream: number,
  model: OriginalDstModel,
  onInvalid: () => void,
): Address | null {
  const { metadataPath, header, port } = model;
  const found = (text: string | null): Address | null => {
    const address = text === null ? null : parseAddress(text);
    if (text !== null && address === null) onInvalid();
    return address;
  };
  const address =
    parseAddress(findState(engine, stream, OVERRIDE_KEY) ?? "") ??
    (metadataPath === "" ? null : found(findState(engine, stream, metadataKey(metadataPath)))) ??
    (header === "" ? null : found(readHeader(engine, stream, header))) ??
    parseAddress(findState(engine, stream, DESTINATION_KEY) ?? "");
  if (address === null || address.kind !== "tcp" || port === 0) return address;
  return { ...address, port };
}

/** Reads `1.2.3.4:80` or `[::1]:80`. */
export function parseAddress(text: string): Address | null {
  const found = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  if (found === null) return null;
  const host = found[1] ?? found[2];
  const port = Number(found[3]);
  const isRight = isIP(host) === (found[1] === undefined ? 4 : 6);
  return isRight && port <= PORT_MAX ? { kind: "tcp", host, port } : null;
}

/** The endpoint at a destination. */
export function toDestinationModel(address: Address): EndpointModel {
  return {
    address,
    hostname: "",
    weight: 1,
    priority: 0,
    locality: { region: "", zone: "", subZone: "" },
    isHealthy: true,
    passedMetadata: [],
    proxyTlvs: [],
  };
}

function readHeader(engine: Engine, stream: number, name: string): string | null {
  const { address, lengths } = engine.placeTexts([name]);
  const value = engine.calls.findRequestHeader(stream, address, lengths[0]);
  return value === 0 ? null : engine.textAt(value, engine.outputBytes);
}
