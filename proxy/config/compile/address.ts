import type { Address as AddressMessage } from "../../../api/gen/envoy/config/core/v3/address_pb.js";
import type { FieldPath } from "../field-path.ts";
import type { Address } from "../model.ts";
import { refuse } from "./route/route-setting.ts";

/** Turns an address of the configuration into one that can be listened on or connected to. */
export function toAddress(message: AddressMessage | undefined, path: FieldPath): Address {
  const { case: kind, value } = message?.address ?? { case: undefined, value: undefined };
  if (kind === "pipe") return { kind, path: value.path, mode: value.mode };
  if (kind !== "socketAddress") return refuse(path, "value is required");
  const { portSpecifier } = value;
  if (portSpecifier.case !== "portValue") return refuse(path.field("port_value"), "is required");
  return { kind: "tcp", host: value.address, port: portSpecifier.value };
}

/** An address as Envoy writes it: `127.0.0.1:80`, `[::1]:80`, or a path. */
export function formatAddress(address: Address): string {
  if (address.kind === "pipe") return address.path;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}
