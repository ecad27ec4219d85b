import assert from "node:assert/strict";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import {
  IMAGE_HEADER_BYTES,
  RANGE_ADDRESS,
  RANGE_BITS,
  RANGE_BYTES,
  RANGE_IS_V6,
} from "../../../../../../api/engine/image.ts";
import { HttpConnectionManager_InternalAddressConfigSchema } from "../../../../../../api/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import {
  internalRanges,
  writeRanges,
} from "../../../../../../proxy/config/compile/http/internal-ranges.ts";
import { ImageWriter } from "../../../../../../proxy/config/image/image-writer.ts";

/** The ranges of a configuration as they stand in the image. */
function compile(json: JsonObject | undefined): { isV6: number; bits: number; address: string }[] {
  const schema = HttpConnectionManager_InternalAddressConfigSchema;
  const config = json === undefined ? undefined : fromJson(schema, json);
  const writer = new ImageWriter();
  const field = writer.reserve(IMAGE_HEADER_BYTES);
  writeRanges(writer, field, internalRanges(config));
  const bytes = writer.finish();
  const view = new DataView(bytes.buffer);
  const list = view.getUint32(field, true);
  return Array.from({ length: view.getUint32(field + 4, true) }, (_, index) => {
    const at = list + index * RANGE_BYTES;
    const address = bytes.subarray(at + RANGE_ADDRESS, at + RANGE_BYTES);
    return {
      isV6: view.getUint32(at + RANGE_IS_V6, true),
      bits: view.getUint32(at + RANGE_BITS, true),
      address: Buffer.from(address).toString("hex"),
    };
  });
}

const ZEROS = "0".repeat(32);

/** One range: what is configured, and what the engine compares. */
const rows: readonly { address: string; bits?: number; want: string; wantBits: number }[] = [
  { address: "10.1.2.3", bits: 8, want: "0a010203", wantBits: 8 },
  { address: "255.0.0.1", bits: 32, want: "ff000001", wantBits: 32 },
  // Bits are 0 when they are not there, and no more than the address has. As in Envoy.
  { address: "10.0.0.0", want: "0a000000", wantBits: 0 },
  { address: "10.0.0.1", bits: 64, want: "0a000001", wantBits: 32 },
  { address: "::", bits: 0, want: "", wantBits: 0 },
  { address: "::1", bits: 128, want: "00000000000000000000000000000001", wantBits: 128 },
  { address: "fd00::", bits: 8, want: "fd", wantBits: 8 },
  { address: "2001:DB8:0:0::12", bits: 64, want: "20010db8000000000000000000000012", wantBits: 64 },
  { address: "1:2:3:4:5:6:7:8", bits: 1, want: "00010002000300040005000600070008", wantBits: 1 },
  {
    address: "::ffff:10.0.0.1",
    bits: 104,
    want: "00000000000000000000ffff0a000001",
    wantBits: 104,
  },
  { address: "fe80::1%eth0", bits: 10, want: "fe800000000000000000000000000001", wantBits: 10 },
];

describe("internal ranges", () => {
  it("internalRanges: without a configuration nobody is internal", () => {
    assert.deepEqual(compile(undefined), []);
  });

  it("internalRanges: a configuration without ranges means the private ones", () => {
    const [v4, v6] = [0, 1];
    const padded = (hex: string): string => hex.padEnd(32, "0");
    assert.deepEqual(compile({}), [
      { isV6: v4, bits: 8, address: padded("0a") },
      { isV6: v4, bits: 12, address: padded("ac10") },
      { isV6: v4, bits: 16, address: padded("c0a8") },
      { isV6: v4, bits: 32, address: padded("7f000001") },
      { isV6: v6, bits: 8, address: padded("fd") },
      { isV6: v6, bits: 128, address: `${ZEROS.slice(1)}1` },
    ]);
  });

  for (const { address, bits, want, wantBits } of rows) {
    it(`writeRanges: ${address}/${bits ?? ""} is ${want}, of which ${wantBits} bits count`, () => {
      const range = {
        address_prefix: address,
        ...(bits === undefined ? {} : { prefix_len: bits }),
      };
      const isV6 = address.includes(":") ? 1 : 0;
      const written = compile({ cidr_ranges: [range] });
      assert.deepEqual(written, [{ isV6, bits: wantBits, address: want.padEnd(32, "0") }]);
    });
  }
});
