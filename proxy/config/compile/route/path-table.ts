import {
  PATH_BYTES,
  PATH_EXACT,
  PATH_EXACT_NEXT,
  PATH_HASH,
  PATH_LISTS_MAX,
  PATH_MERGED_MAX,
  PATH_PREFIX,
  PATH_PREFIX_NEXT,
  PATH_TEXT,
  STOP_EXACT,
  STOP_PREFIX,
  STOP_SHIFT,
  VHOST_PATHS,
  VHOST_PATHS_MASK,
  VHOST_ROOT,
  VHOST_STOPS,
} from "../../../../api/engine/route-image.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import { hashText, toAsciiLowerCase, writeHashTable } from "./hash-table.ts";

/** So few routes are tried one after the other: that is faster than hashing the path. */
const UNINDEXED_ROUTES_MAX = 8;

/** What a route's path begins with, as far as that is known. */
export interface PathKey {
  readonly text: string;
  /** True when the text is the whole path. */
  readonly isExact: boolean;
}

/** Candidates in order; when `next` is set, that node's prefix candidates are meant too. */
interface Candidates {
  readonly list: readonly number[];
  readonly next: PathNode | null;
  /** How many lists there are, this one included. */
  readonly listCount: number;
}

interface PathNode {
  readonly text: string;
  /** The text's UTF-8 bytes, one character for each. */
  readonly bytes: string;
  readonly prefixRoutes: number[];
  readonly exactRoutes: number[];
  offset: number;
  prefix: Candidates;
  exact: Candidates;
}

const NO_CANDIDATES: Candidates = { list: [], next: null, listCount: 1 };

/**
 * Writes the table that finds the routes that a path can match, and its references into the record
 * of the virtual host. The place of a key is the position of its route.
 */
export function writePathTable(
  writer: ImageWriter,
  virtualHost: number,
  keys: readonly PathKey[],
): void {
  const nodes = buildNodes(keys);
  const root = nodes[0];
  for (const node of nodes) node.offset = writer.reserve(PATH_BYTES);
  for (const node of nodes) writeNode(writer, node);
  writer.setUint32(virtualHost + VHOST_ROOT, root.offset);
  if (nodes.length === 1) return;
  const named = nodes.slice(1);
  const hashes = named.map(({ text }) => hashText(text));
  const table = writeHashTable(writer, hashes, 4, (slot, index) => {
    writer.setUint32(slot, named[index].offset);
  });
  writer.setUint32(virtualHost + VHOST_PATHS, table.offset);
  writer.setUint32(virtualHost + VHOST_PATHS_MASK, table.mask);
  const stops = [...stopsOf(named)].sort(([a], [b]) => a - b);
  const list = writer.reserve(stops.length * 4);
  stops.forEach(([length, kinds], index) => {
    writer.setUint32(list + index * 4, (length << STOP_SHIFT) | kinds);
  });
  writer.setList(virtualHost + VHOST_STOPS, list, stops.length);
}

/** The nodes, shortest first; the first is the one of the empty text. */
function buildNodes(keys: readonly PathKey[]): PathNode[] {
  const byBytes = new Map<string, PathNode>();
  const root = nodeOf(byBytes, "");
  keys.forEach((key, position) => {
    if (keys.length <= UNINDEXED_ROUTES_MAX) {
      root.prefixRoutes.push(position);
      return;
    }
    const node = nodeOf(byBytes, toAsciiLowerCase(key.text));
    (key.isExact ? node.exactRoutes : node.prefixRoutes).push(position);
  });
  const nodes = [...byBytes.values()].sort((a, b) => a.bytes.length - b.bytes.length);
  const lengths = [...new Set(nodes.map(({ bytes }) => bytes.length))].reverse();
  for (const node of nodes) {
    const parent = parentOf(node, byBytes, lengths);
    node.prefix = join(node.prefixRoutes, parent);
    node.exact = join(node.exactRoutes, node);
  }
  return nodes;
}

function nodeOf(byBytes: Map<string, PathNode>, text: string): PathNode {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));
  const key = bytes.join("");
  const known = byBytes.get(key);
  if (known !== undefined) return known;
  const node: PathNode = {
    text,
    bytes: key,
    prefixRoutes: [],
    exactRoutes: [],
    offset: 0,
    prefix: NO_CANDIDATES,
    exact: NO_CANDIDATES,
  };
  byBytes.set(key, node);
  return node;
}

/** The longest shorter node that the text of a node begins with. */
function parentOf(
  node: PathNode,
  byBytes: ReadonlyMap<string, PathNode>,
  lengths: readonly number[],
): PathNode | null {
  for (const length of lengths) {
    if (length >= node.bytes.length) continue;
    const parent = byBytes.get(node.bytes.slice(0, length));
    if (parent !== undefined) return parent;
  }
  return null;
}

/** Puts a node's own routes before the prefix candidates of another: in one list, if short. */
function join(own: readonly number[], other: PathNode | null): Candidates {
  if (other === null) return { list: own, next: null, listCount: 1 };
  const { list, next, listCount } = other.prefix;
  if (own.length === 0) return other.prefix;
  if (own.length + list.length <= PATH_MERGED_MAX || listCount === PATH_LISTS_MAX) {
    return { list: [...own, ...list].sort((a, b) => a - b), next, listCount };
  }
  return { list: own, next: other, listCount: listCount + 1 };
}

function writeNode(writer: ImageWriter, node: PathNode): void {
  writer.setUint32(node.offset + PATH_HASH, hashText(node.text));
  writer.setText(node.offset + PATH_TEXT, node.text);
  writeCandidates(writer, node.offset + PATH_PREFIX, node.prefix);
  writer.setUint32(node.offset + PATH_PREFIX_NEXT, node.prefix.next?.offset ?? 0);
  writeCandidates(writer, node.offset + PATH_EXACT, node.exact);
  writer.setUint32(node.offset + PATH_EXACT_NEXT, node.exact.next?.offset ?? 0);
}

function writeCandidates(writer: ImageWriter, field: number, candidates: Candidates): void {
  const offset = writer.reserve(candidates.list.length * 4);
  candidates.list.forEach((position, index) => {
    writer.setUint32(offset + index * 4, position);
  });
  writer.setList(field, offset, candidates.list.length);
}

/** The lengths of the texts, with `STOP_*` bits for what kinds of route have them. */
function stopsOf(nodes: readonly PathNode[]): Map<number, number> {
  const stops = new Map<number, number>();
  for (const { bytes, prefixRoutes, exactRoutes } of nodes) {
    const prefix = prefixRoutes.length > 0 ? STOP_PREFIX : 0;
    const exact = exactRoutes.length > 0 ? STOP_EXACT : 0;
    stops.set(bytes.length, (stops.get(bytes.length) ?? 0) | prefix | exact);
  }
  return stops;
}
