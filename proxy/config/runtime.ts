import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { Bootstrap } from "../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import type { Fraction } from "./compile/route/route-setting.ts";

const DENOMINATORS: Readonly<Record<string, number>> = {
  HUNDRED: 100,
  TEN_THOUSAND: 10_000,
  MILLION: 1_000_000,
};

/** The runtime: keys with a value in each static layer, of which the last layer wins. */
export class Runtime {
  /** Names of the layers, from the lowest to the one that wins. */
  readonly layers: readonly string[];
  readonly #values: readonly ReadonlyMap<string, JsonValue>[];

  constructor(layers: readonly string[], values: readonly ReadonlyMap<string, JsonValue>[]) {
    this.layers = layers;
    this.#values = values;
  }

  /** Every key with its value in each layer, `""` where a layer does not have it. */
  entries(): ReadonlyMap<string, readonly string[]> {
    const keys = new Set(this.#values.flatMap((layer) => [...layer.keys()]));
    return new Map(
      [...keys].sort().map((key) => [key, this.#values.map((layer) => toText(layer.get(key)))]),
    );
  }

  /** The value that wins, or undefined. */
  value(key: string): JsonValue | undefined {
    return this.#values.findLast((layer) => layer.has(key))?.get(key);
  }

  /** A whole number, or undefined. */
  integer(key: string): number | undefined {
    const number = toNumber(this.value(key));
    return Number.isInteger(number) ? number : undefined;
  }

  /** True or false, also as a text, or undefined. */
  flag(key: string): boolean | undefined {
    const value = this.value(key);
    if (value === true || value === "true") return true;
    return value === false || value === "false" ? false : undefined;
  }

  /** A share: an object with numerator and denominator, or a number of percent. */
  fraction(key: string): Fraction | undefined {
    const value = this.value(key);
    const numerator = toNumber(value);
    if (numerator !== undefined) return { numerator, denominator: 100 };
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    const denominator = DENOMINATORS[String(value.denominator ?? "HUNDRED")];
    if (denominator === undefined) return undefined;
    return { numerator: Number(value.numerator ?? 0), denominator };
  }
}

/** Reads the static layers of `layered_runtime`. */
export function readRuntime(bootstrap: Bootstrap): Runtime {
  const layers = bootstrap.layeredRuntime?.layers ?? [];
  const values = layers.map((layer) => {
    const keys = new Map<string, JsonValue>();
    if (layer.layerSpecifier.case === "staticLayer") flatten(layer.layerSpecifier.value, "", keys);
    return keys;
  });
  return new Runtime(
    layers.map((layer) => layer.name),
    values,
  );
}

/** `{a: {b: 1}}` is the key `a.b`; an object that is a fraction is a value itself. */
function flatten(object: JsonObject, prefix: string, keys: Map<string, JsonValue>): void {
  for (const [name, value] of Object.entries(object)) {
    const key = prefix === "" ? name : `${prefix}.${name}`;
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    if (isObject && !("numerator" in value)) flatten(value, key, keys);
    else keys.set(key, value);
  }
}

/** A number, or a text that is one. */
function toNumber(value: JsonValue | undefined): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function toText(value: JsonValue | undefined): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
