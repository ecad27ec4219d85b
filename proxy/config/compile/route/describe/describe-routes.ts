/** Route configurations in an image as lines of text, for people and for tests. */
import { MUTATIONS_ADD, MUTATIONS_REMOVE } from "../../../../../api/engine/match-image.ts";
import {
  HOST_BYTES,
  HOST_HASH,
  HOST_SEED_EXACT,
  HOST_SEED_PREFIX,
  HOST_SEED_SUFFIX,
  HOST_TEXT,
  HOST_VIRTUAL_HOST,
  PATH_EXACT,
  PATH_EXACT_NEXT,
  PATH_PREFIX,
  PATH_PREFIX_NEXT,
  PATH_TEXT,
  ROUTES_DEFAULT_HOST,
  ROUTES_FLAGS,
  ROUTES_HOSTS,
  ROUTES_HOSTS_MASK,
  ROUTES_NAME,
  ROUTES_REQUEST_MUTATIONS,
  ROUTES_RESPONSE_MUTATIONS,
  ROUTES_VIRTUAL_HOSTS,
  VHOST_FLAGS,
  VHOST_NAME,
  VHOST_PATHS,
  VHOST_PATHS_MASK,
  VHOST_REQUEST_MUTATIONS,
  VHOST_REQUIRE_TLS,
  VHOST_RESPONSE_MUTATIONS,
  VHOST_ROOT,
  VHOST_ROUTES,
} from "../../../../../api/engine/route-image.ts";
import { describeRoute } from "./describe-route.ts";
import { hashText } from "../hash-table.ts";
import { ImageReader } from "./image-reader.ts";

/**
 * Describes a route configuration: one line for each record, indented by what it belongs to.
 *
 * @param offset Offset of the record in the image that `view` shows.
 */
export function describeRouteConfiguration(view: DataView, offset: number): string[] {
  const image = new ImageReader(view);
  const hosts = image.list(offset + ROUTES_VIRTUAL_HOSTS);
  const flags = image.uint32(offset + ROUTES_FLAGS);
  const lines = [`routes "${image.text(offset + ROUTES_NAME)}" flags=${flags}`];
  lines.push(...describeMutations(image, "request", offset + ROUTES_REQUEST_MUTATIONS, 1));
  lines.push(...describeMutations(image, "response", offset + ROUTES_RESPONSE_MUTATIONS, 1));
  const domains = readDomains(image, offset);
  for (let index = 0; index < hosts.count; index += 1) {
    const host = image.uint32(hosts.target + index * 4);
    lines.push(...describeVirtualHost(image, host, domains.get(host) ?? []));
  }
  return lines;
}

/** The domains of each virtual host, by its offset, sorted. */
function readDomains(image: ImageReader, offset: number): Map<number, string[]> {
  const domains = new Map<number, string[]>();
  const add = (host: number, domain: string) => {
    domains.set(host, [...(domains.get(host) ?? []), domain].sort());
  };
  const fallback = image.uint32(offset + ROUTES_DEFAULT_HOST);
  if (fallback !== 0) add(fallback, "*");
  const table = image.uint32(offset + ROUTES_HOSTS);
  const slots = table === 0 ? 0 : image.uint32(offset + ROUTES_HOSTS_MASK) + 1;
  for (let slot = table; slot < table + slots * HOST_BYTES; slot += HOST_BYTES) {
    const host = image.uint32(slot + HOST_VIRTUAL_HOST);
    if (host === 0) continue;
    add(host, toDomain(image.text(slot + HOST_TEXT), image.uint32(slot + HOST_HASH)));
  }
  return domains;
}

/** A domain as configured: the hash tells which kind it is. */
function toDomain(text: string, hash: number): string {
  if (hash === hashText(text, HOST_SEED_SUFFIX)) return `*${text}`;
  if (hash === hashText(text, HOST_SEED_PREFIX)) return `${text}*`;
  return hash === hashText(text, HOST_SEED_EXACT) ? text : `${text} (bad hash)`;
}

function describeVirtualHost(image: ImageReader, host: number, domains: string[]): string[] {
  const name = image.text(host + VHOST_NAME);
  const tls = image.uint32(host + VHOST_REQUIRE_TLS);
  const facts = `flags=${image.uint32(host + VHOST_FLAGS)} tls=${tls}`;
  const lines = [`  virtual host "${name}" ${facts} domains=${domains.join(",")}`];
  lines.push(...describeMutations(image, "request", host + VHOST_REQUEST_MUTATIONS, 2));
  lines.push(...describeMutations(image, "response", host + VHOST_RESPONSE_MUTATIONS, 2));
  const routes = image.list(host + VHOST_ROUTES);
  for (let index = 0; index < routes.count; index += 1) {
    const route = image.uint32(routes.target + index * 4);
    lines.push(...describeRoute(image, route).map((line) => `    ${line}`));
  }
  return [...lines, ...describePaths(image, host)];
}

/** The nodes of the path table with their candidates, sorted by text. */
function describePaths(image: ImageReader, host: number): string[] {
  const nodes = [image.uint32(host + VHOST_ROOT)];
  const table = image.uint32(host + VHOST_PATHS);
  const slots = table === 0 ? 0 : image.uint32(host + VHOST_PATHS_MASK) + 1;
  for (let slot = 0; slot < slots; slot += 1) {
    const node = image.uint32(table + slot * 4);
    if (node !== 0) nodes.push(node);
  }
  return nodes
    .map((node) => {
      const prefix = describeCandidates(image, node + PATH_PREFIX, node + PATH_PREFIX_NEXT);
      const exact = describeCandidates(image, node + PATH_EXACT, node + PATH_EXACT_NEXT);
      return `    path "${image.text(node + PATH_TEXT)}" prefix=${prefix} exact=${exact}`;
    })
    .sort();
}

function describeCandidates(image: ImageReader, field: number, next: number): string {
  const { target, count } = image.list(field);
  const positions = Array.from({ length: count }, (_, index) => image.uint32(target + index * 4));
  const node = image.uint32(next);
  const more = node === 0 ? "" : ` then "${image.text(node + PATH_TEXT)}"`;
  return `[${positions.join(" ")}${more}]`;
}

function describeMutations(
  image: ImageReader,
  direction: string,
  field: number,
  depth: number,
): string[] {
  const list = image.uint32(field);
  if (list === 0) return [];
  const added = image.list(list + MUTATIONS_ADD).count;
  const removed = image.list(list + MUTATIONS_REMOVE).count;
  return [`${"  ".repeat(depth)}${direction} headers: ${added} to add, ${removed} to remove`];
}
