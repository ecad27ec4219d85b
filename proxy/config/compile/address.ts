import type {
  Address as AddressMessage,
  EnvoyInternalAddress,
} from "../../../api/gen/envoy/config/core/v3/address_pb.js";
import type { FieldPath } from "../field-path.ts";
import type { Address, EndpointAddress, InternalAddress } from "../model.ts";
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

/** The same of an endpoint, which may be a listener of the same worker. */
export function toEndpointAddress(
  message: AddressMessage | undefined,
  path: FieldPath,
): EndpointAddress {
  const address = message?.address;
  if (address?.case !== "envoyInternalAddress") return toAddress(message, path);
  return toInternal(address.value, path.field("envoy_internal_address"));
}

function toInternal(value: EnvoyInternalAddress, path: FieldPath): InternalAddress {
  const { addressNameSpecifier: name, endpointId } = value;
  if (name.case !== "serverListenerName") return refuse(path, "server_listener_name is required");
  return { kind: "internal", listener: name.value, endpointId };
}

/** An address as Envoy writes it: `127.0.0.1:80`, `[::1]:80`, or a path. */
export function formatAddress(address: EndpointAddress): string {
  if (address.kind === "pipe") return address.path;
  if (address.kind === "internal") return `envoy://${address.listener}/${address.endpointId}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}
