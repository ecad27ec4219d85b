import {
  HOST_BYTES,
  HOST_HASH,
  HOST_SEED_EXACT,
  HOST_SEED_PREFIX,
  HOST_SEED_SUFFIX,
  HOST_TEXT,
  HOST_VIRTUAL_HOST,
  ROUTES_DEFAULT_HOST,
  ROUTES_HOSTS,
  ROUTES_HOSTS_MASK,
  ROUTES_PREFIX_LENGTHS,
  ROUTES_SUFFIX_LENGTHS,
} from "../../../../api/engine/route-image.ts";
import type { FieldPath } from "../../field-path.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import { byteLength, hashText, toAsciiLowerCase, writeHashTable } from "./hash-table.ts";
import { refuse } from "./route-setting.ts";

/** A domain of a virtual host, without its `*`. */
interface Domain {
  readonly seed: number;
  readonly text: string;
  readonly virtualHost: number;
}

/** Collects the domains of all virtual hosts, then writes the table that finds them. */
export class HostTable {
  readonly #domains: Domain[] = [];
  readonly #known = new Set<string>();
  readonly #configurationName: string;
  #defaultHost = 0;

  /** @param configurationName Name of the route configuration, for messages. */
  constructor(configurationName: string) {
    this.#configurationName = configurationName;
  }

  /** Whether some domain has no `*`. */
  get hasExact(): boolean {
    return this.#domains.some((domain) => domain.seed === HOST_SEED_EXACT);
  }

  /**
   * Adds a domain: `*`, `*suffix`, `prefix*` or a whole name. Case does not count.
   *
   * @throws MeshError `CONFIG_INVALID` with Envoy's text for a domain that is there already.
   */
  add(domain: string, virtualHost: number, path: FieldPath): void {
    const text = toAsciiLowerCase(domain);
    const name = this.#configurationName;
    if (text === "*") {
      if (this.#defaultHost !== 0) {
        refuse(path, `Only a single wildcard domain is permitted in route ${name}`);
      }
      this.#defaultHost = virtualHost;
      return;
    }
    if (this.#known.has(text)) {
      const rule = "Only unique values for domains are permitted.";
      refuse(path, `${rule} Duplicate entry of domain ${text} in route ${name}`);
    }
    this.#known.add(text);
    this.#domains.push({ ...splitDomain(text), virtualHost });
  }

  /** Writes the table, and its references into the record of the route configuration. */
  write(writer: ImageWriter, record: number): void {
    writer.setUint32(record + ROUTES_DEFAULT_HOST, this.#defaultHost);
    if (this.#domains.length === 0) return;
    const hashes = this.#domains.map(({ seed, text }) => hashText(text, seed));
    const table = writeHashTable(writer, hashes, HOST_BYTES, (slot, index) => {
      const { text, virtualHost } = this.#domains[index];
      writer.setUint32(slot + HOST_HASH, hashes[index]);
      writer.setText(slot + HOST_TEXT, text);
      writer.setUint32(slot + HOST_VIRTUAL_HOST, virtualHost);
    });
    writer.setUint32(record + ROUTES_HOSTS, table.offset);
    writer.setUint32(record + ROUTES_HOSTS_MASK, table.mask);
    this.#writeLengths(writer, record + ROUTES_SUFFIX_LENGTHS, HOST_SEED_SUFFIX);
    this.#writeLengths(writer, record + ROUTES_PREFIX_LENGTHS, HOST_SEED_PREFIX);
  }

  #writeLengths(writer: ImageWriter, field: number, seed: number): void {
    const wildcards = this.#domains.filter((domain) => domain.seed === seed);
    const lengths = [...new Set(wildcards.map(({ text }) => byteLength(text)))];
    lengths.sort((a, b) => b - a);
    const list = writer.reserve(lengths.length * 4);
    lengths.forEach((length, index) => {
      writer.setUint32(list + index * 4, length);
    });
    writer.setList(field, list, lengths.length);
  }
}

function splitDomain(text: string): { seed: number; text: string } {
  if (text.startsWith("*")) return { seed: HOST_SEED_SUFFIX, text: text.slice(1) };
  if (text.endsWith("*")) return { seed: HOST_SEED_PREFIX, text: text.slice(0, -1) };
  return { seed: HOST_SEED_EXACT, text };
}
