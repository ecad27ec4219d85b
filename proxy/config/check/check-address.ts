import { isIP } from "node:net";
import type { Address, CidrRange } from "../../../api/gen/envoy/config/core/v3/address_pb.js";
import type { FieldPath } from "../field-path.ts";
import type { Problems } from "../problems.ts";

/** Bytes of the path of a Unix socket: `sun_path` has 108 on Linux, with a zero byte at the end. */
const PATH_BYTES_MAX = 107;

/** Checks an address to listen on: numbers, not names. */
export function checkBindAddress(
  address: Address | undefined,
  path: FieldPath,
  problems: Problems,
): void {
  checkPipe(address, path, problems);
  if (address?.address.case !== "socketAddress") return;
  const name = address.address.value.address;
  if (name === "" || isIP(name) !== 0) return;
  problems.add(path.field("socket_address").field("address"), `malformed IP address: ${name}`);
}

/** Checks the path of a Unix socket to listen on or to connect to; other addresses pass. */
export function checkPipe(address: Address | undefined, path: FieldPath, problems: Problems): void {
  if (address?.address.case !== "pipe") return;
  const { path: name, mode } = address.address.value;
  const at = path.field("pipe");
  if (name.startsWith("@") && mode !== 0) {
    problems.add(at.field("mode"), "Cannot set mode for Abstract AF_UNIX sockets");
  }
  if (Buffer.byteLength(name) > PATH_BYTES_MAX) {
    const reason = `Path "${name}" exceeds maximum UNIX domain socket path size of 108.`;
    problems.add(at.field("path"), reason);
  }
  if (name.includes("\0")) {
    const reason = "UNIX domain socket pathname contains embedded null characters";
    problems.add(at.field("path"), reason);
  }
}

/** The address in one line, to compare and to tell; `null` if there is none. */
export function describeAddress(address: Address | undefined): string | null {
  if (address?.address.case === "pipe") return address.address.value.path;
  if (address?.address.case !== "socketAddress") return null;
  const { address: name, portSpecifier } = address.address.value;
  const port = portSpecifier.case === "portValue" ? portSpecifier.value : 0;
  return name.includes(":") ? `[${name}]:${port}` : `${name}:${port}`;
}

/** Checks ranges of addresses: an IP address, and no more bits than it has. */
export function checkRanges(
  ranges: readonly CidrRange[],
  path: FieldPath,
  problems: Problems,
): void {
  for (const [index, { addressPrefix, prefixLen = 0 }] of ranges.entries()) {
    const family = isIP(addressPrefix);
    if (family !== 0 && prefixLen <= (family === 4 ? 32 : 128)) continue;
    problems.add(path.item(index), invalidRange(addressPrefix, prefixLen));
  }
}

/** Checks ranges whose bits, where they are too many, count as all that the address has. */
export function checkLenientRanges(
  ranges: readonly CidrRange[],
  path: FieldPath,
  problems: Problems,
): void {
  for (const [index, { addressPrefix, prefixLen = 0 }] of ranges.entries()) {
    if (isIP(addressPrefix) !== 0) continue;
    problems.add(path.item(index), invalidRange(addressPrefix, prefixLen));
  }
}

function invalidRange(addressPrefix: string, prefixLen: number): string {
  return `invalid ip/mask combo '${addressPrefix}/${prefixLen}' (format is <ip>/<# mask bits>)`;
}
