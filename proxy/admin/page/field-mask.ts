/** A part of a message as JSON. */
export type JsonTree = { readonly [name: string]: unknown };

/**
 * Leaves only the fields that the mask names, each a path such as `bootstrap.admin`. `@type` stays
 * everywhere. As in Envoy, a path cannot go through a list; it may end at one.
 *
 * @returns `null` when a path names no field of this message, or goes through a list.
 */
export function applyFieldMask(
  tree: JsonTree,
  paths: readonly string[],
  hasField: (name: string) => boolean,
): JsonTree | null {
  let masked: JsonTree = keepType(tree);
  for (const path of paths) {
    const names = path.split(".");
    if (!hasField(names[0])) return null;
    const picked = pickPath(tree, names);
    if (picked === null) return null;
    masked = mergeTrees(masked, picked);
  }
  return masked;
}

function pickPath(tree: JsonTree, [name, ...rest]: readonly string[]): JsonTree | null {
  const kept = keepType(tree);
  const value = tree[name];
  if (value === undefined) return kept;
  if (rest.length === 0) return { ...kept, [name]: value };
  if (!isTree(value)) return null;
  const picked = pickPath(value, rest);
  return picked && { ...kept, [name]: picked };
}

function keepType(tree: JsonTree): JsonTree {
  return "@type" in tree ? { "@type": tree["@type"] } : {};
}

function mergeTrees(left: JsonTree, right: JsonTree): JsonTree {
  const merged: Record<string, unknown> = { ...left };
  for (const [name, value] of Object.entries(right)) {
    const known = merged[name];
    merged[name] = isTree(known) && isTree(value) ? mergeTrees(known, value) : value;
  }
  return merged;
}

/** Whether a value is a message rather than a list or a single value. */
export function isTree(value: unknown): value is JsonTree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
