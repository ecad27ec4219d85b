import type { MessageInitShape } from "@bufbuild/protobuf";
import type { AddressSchema } from "../../../api/gen/envoy/config/core/v3/address_pb.js";
import type { AdminEndpointAddress } from "../source.ts";

/** An address in Envoy's text form: `127.0.0.1:80`, `[::1]:80`, or a path. */
export function formatAddress(address: AdminEndpointAddress): string {
  if (address.kind === "pipe") return address.path;
  if (address.kind === "internal") return `envoy://${address.listener}/${address.endpointId}`;
  const isSix = address.address.includes(":");
  return `${isSix ? `[${address.address}]` : address.address}:${address.port}`;
}

/** The same as a message. */
export function toAddressInit(
  address: AdminEndpointAddress,
): MessageInitShape<typeof AddressSchema> {
  if (address.kind === "internal") {
    const { listener, endpointId } = address;
    const name = { case: "serverListenerName", value: listener } as const;
    const value = { addressNameSpecifier: name, endpointId };
    return { address: { case: "envoyInternalAddress", value } };
  }
  if (address.kind === "pipe") {
    return { address: { case: "pipe", value: { path: address.path } } };
  }
  const portSpecifier = { case: "portValue", value: address.port } as const;
  return {
    address: { case: "socketAddress", value: { address: address.address, portSpecifier } },
  };
}
