import assert from "node:assert/strict";
import { type ProxyHeader, readProxyHeader } from "../../../proxy/proxy-protocol/proxy-header.ts";
import { writeProxyBinary } from "../../../proxy/proxy-protocol/write-header.ts";
import type { RawConnection } from "../raw-connection.ts";

/** The front of a PROXY header of version 2, which has its length at its end. */
const FIXED_BYTES = 16;

/** A TLV as tests have it: type and text. */
export type TextTlv = readonly [type: number, text: string];

/** A PROXY header of a client, as text: from 192.0.2.1 to 198.51.100.7. */
export function clientHeader(tlvs: readonly TextTlv[], port = 8080): string {
  const source = { ip: "192.0.2.1", port };
  const destination = { ip: "198.51.100.7", port: 443 };
  const values = tlvs.map(([type, text]) => ({ type, value: new TextEncoder().encode(text) }));
  const { bytes } = writeProxyBinary({ source, destination }, values);
  return Buffer.from(bytes).toString("latin1");
}

/** Reads the PROXY header that a connection begins with. */
export async function readHeader(connection: RawConnection): Promise<ProxyHeader> {
  let text = await connection.read(6);
  if (text === "PROXY ") text += await connection.readUntil("\r\n");
  else {
    text += await connection.read(FIXED_BYTES - text.length);
    const { length } = text;
    text += await connection.read((text.charCodeAt(length - 2) << 8) | text.charCodeAt(length - 1));
  }
  const header = readProxyHeader(Buffer.from(text, "latin1"));
  assert.ok(header !== null);
  return header;
}

/** What a header says, in words that do not depend on which ports were free. */
export function tellHeader(header: ProxyHeader, names: ReadonlyMap<number, string>): string {
  const { version, ends, tlvs } = header;
  const port = (number: number): string => names.get(number) ?? String(number);
  const told =
    ends === null
      ? "nobody"
      : `${ends.source.ip}:${port(ends.source.port)} to ` +
        `${ends.destination.ip}:${port(ends.destination.port)}`;
  const values = tlvs.map(({ type, value }) => {
    return ` ${type.toString(16)}=${Buffer.from(value).toString("latin1")}`;
  });
  return `v${version} ${told}${values.join("")}`;
}
