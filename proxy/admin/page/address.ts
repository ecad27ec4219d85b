import type { MessageInitShape } from "@bufbuild/protobuf";
import type { AddressSchema } from "../../../api/gen/envoy/config/core/v3/address_pb.js";
import type { AdminAddress } from "../source.ts";

/** An address in Envoy's text form: `127.0.0.1:80`, `[::1]:80`, or a path. */
export function formatAddress(address: AdminAddress): string {
  if (address.kind === "pipe") return address.path;
  const isSix = address.address.includes(":");
  return `${isSix ? `[${address.address}]` : address.address}:${address.port}`;
}

/** The same as a message. */
export function toAddressInit(address: AdminAddress): MessageInitShape<typeof AddressSchema> {
  if (address.kind === "pipe") {
    return { address: { case: "pipe", value: { path: address.path } } };
  }
  const portSpecifier = { case: "portValue", value: address.port } as const;
  return {
    address: { case: "socketAddress", value: { address: address.address, portSpecifier } },
  };
}
