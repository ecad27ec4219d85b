import {
  ACTION_CLUSTER,
  ACTION_DIRECT,
  ACTION_REDIRECT,
  DIRECT_BODY,
  DIRECT_STATUS,
  FORWARD_CLUSTER,
  FORWARD_FLAGS,
  FORWARD_HEADER,
  FORWARD_HOST_REWRITE,
  FORWARD_HOST_TEXT,
  FORWARD_IDLE_TIMEOUT_MS,
  FORWARD_INTERNAL_REDIRECT,
  FORWARD_MIRRORS,
  FORWARD_REWRITE,
  FORWARD_REWRITE_TEXT,
  FORWARD_SPECIFIER,
  FORWARD_TIMEOUT_MS,
  FORWARD_WEIGHTED,
  INTERNAL_REDIRECT_MAX,
  INTERNAL_REDIRECT_STATUSES,
  PATH_KIND_REGEX,
  REDIRECT_HOST,
  REDIRECT_PATH,
  REDIRECT_PORT,
  REDIRECT_SCHEME,
  REDIRECT_STATUS,
  ROUTE_ACTION,
  ROUTE_ACTION_KIND,
  ROUTE_FLAGS,
  ROUTE_FRACTION,
  ROUTE_HEADERS,
  ROUTE_NAME,
  ROUTE_PATH,
  ROUTE_PATH_KIND,
  ROUTE_QUERIES,
  SPECIFIER_CLUSTER,
  SPECIFIER_HEADER,
  WEIGHTED_BYTES,
  WEIGHTED_CLUSTER,
  WEIGHTED_WEIGHT,
} from "../../../../../api/engine/route-image.ts";
import type { ImageReader } from "./image-reader.ts";

const PATH_KINDS = ["prefix", "path", "separated prefix", "expression"];

/** Describes a route in two lines: what it matches and what it does. */
export function describeRoute(image: ImageReader, route: number): string[] {
  const kind = image.uint32(route + ROUTE_PATH_KIND);
  const isRegex = kind === PATH_KIND_REGEX;
  const length = image.list(route + ROUTE_PATH).count;
  const path = isRegex ? `of ${length} bytes` : `"${image.text(route + ROUTE_PATH)}"`;
  const conditions = [
    `flags=${image.uint32(route + ROUTE_FLAGS)}`,
    `headers=${image.list(route + ROUTE_HEADERS).count}`,
    `queries=${image.list(route + ROUTE_QUERIES).count}`,
    `fraction=${image.uint32(route + ROUTE_FRACTION)}/${image.uint32(route + ROUTE_FRACTION + 4)}`,
  ];
  const name = image.text(route + ROUTE_NAME);
  return [
    `route "${name}" ${PATH_KINDS[kind]} ${path} ${conditions.join(" ")}`,
    `  ${describeAction(image, route)}`,
  ];
}

function describeAction(image: ImageReader, route: number): string {
  const action = image.uint32(route + ROUTE_ACTION);
  switch (image.uint32(route + ROUTE_ACTION_KIND)) {
    case ACTION_CLUSTER:
      return describeForward(image, action);
    case ACTION_REDIRECT: {
      const parts = [REDIRECT_SCHEME, REDIRECT_HOST, REDIRECT_PORT, REDIRECT_PATH];
      const texts = parts.map((field) => `"${image.text(action + field)}"`);
      return `redirect ${image.uint32(action + REDIRECT_STATUS)} to ${texts.join(" ")}`;
    }
    case ACTION_DIRECT: {
      const bytes = image.list(action + DIRECT_BODY).count;
      return `respond ${image.uint32(action + DIRECT_STATUS)} with ${bytes} bytes`;
    }
    default:
      return "do not forward";
  }
}

function describeForward(image: ImageReader, action: number): string {
  const path = image.text(action + FORWARD_REWRITE_TEXT);
  const host = image.text(action + FORWARD_HOST_TEXT);
  const facts = [
    `timeout=${image.int32(action + FORWARD_TIMEOUT_MS)}`,
    `idle=${image.int32(action + FORWARD_IDLE_TIMEOUT_MS)}`,
    `path=${image.uint32(action + FORWARD_REWRITE)}:"${path}"`,
    `host=${image.uint32(action + FORWARD_HOST_REWRITE)}:"${host}"`,
    `mirrors=${image.list(action + FORWARD_MIRRORS).count}`,
    `flags=${image.uint32(action + FORWARD_FLAGS)}`,
    ...describeRedirects(image, image.uint32(action + FORWARD_INTERNAL_REDIRECT)),
  ];
  return `forward to ${describeClusters(image, action)} ${facts.join(" ")}`;
}

function describeRedirects(image: ImageReader, policy: number): string[] {
  if (policy === 0) return [];
  const most = image.uint32(policy + INTERNAL_REDIRECT_MAX);
  const statuses = image
    .uint32(policy + INTERNAL_REDIRECT_STATUSES)
    .toString(2)
    .padStart(5, "0");
  return [`redirects=${most}:${statuses}`];
}

function describeClusters(image: ImageReader, action: number): string {
  const specifier = image.uint32(action + FORWARD_SPECIFIER);
  if (specifier === SPECIFIER_CLUSTER) return `cluster ${image.int32(action + FORWARD_CLUSTER)}`;
  const header = image.text(action + FORWARD_HEADER);
  if (specifier === SPECIFIER_HEADER) return `the cluster in header "${header}"`;
  const { target, count } = image.list(action + FORWARD_WEIGHTED);
  const shares = Array.from({ length: count }, (_, index) => {
    const entry = target + index * WEIGHTED_BYTES;
    return `${image.int32(entry + WEIGHTED_CLUSTER)}×${image.uint32(entry + WEIGHTED_WEIGHT)}`;
  });
  return `clusters ${shares.join(" ")}${header === "" ? "" : ` by header "${header}"`}`;
}
