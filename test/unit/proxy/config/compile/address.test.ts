import assert from "node:assert/strict";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { AddressSchema } from "../../../../../api/gen/envoy/config/core/v3/address_pb.js";
import { formatAddress, toAddress } from "../../../../../proxy/config/compile/address.ts";
import { FieldPath } from "../../../../../proxy/config/field-path.ts";
import type { Address } from "../../../../../proxy/config/model.ts";

const PATH = FieldPath.root.field("address");

const rows: readonly { json: JsonObject; want: Address; text: string }[] = [
  {
    json: { socket_address: { address: "127.0.0.1", port_value: 80 } },
    want: { kind: "tcp", host: "127.0.0.1", port: 80 },
    text: "127.0.0.1:80",
  },
  {
    json: { socket_address: { address: "::1", port_value: 0 } },
    want: { kind: "tcp", host: "::1", port: 0 },
    text: "[::1]:0",
  },
  {
    json: { pipe: { path: "/run/a.sock" } },
    want: { kind: "pipe", path: "/run/a.sock", mode: 0 },
    text: "/run/a.sock",
  },
  {
    json: { pipe: { path: "@abstract", mode: 0o660 } },
    want: { kind: "pipe", path: "@abstract", mode: 0o660 },
    text: "@abstract",
  },
];

const refused: readonly { name: string; json: JsonObject; message: string }[] = [
  { name: "none", json: {}, message: "address: value is required" },
  {
    name: "a port by name",
    json: { socket_address: { address: "a", named_port: "http" } },
    message: "address.port_value: is required",
  },
];

describe("address", () => {
  for (const { json, want, text } of rows) {
    it(`toAddress: ${text} is read, and written as Envoy writes it`, () => {
      assert.deepEqual(toAddress(fromJson(AddressSchema, json), PATH), want);
      assert.equal(formatAddress(want), text);
    });
  }

  for (const { name, json, message } of refused) {
    it(`toAddress: ${name} is refused with its path`, () => {
      const address = fromJson(AddressSchema, json);
      assert.throws(() => toAddress(address, PATH), { code: "CONFIG_INVALID", message });
    });
  }
});
