import type { DescMessage, Message, MessageShape } from "@bufbuild/protobuf";
import { fromBinary, isMessage } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { anyPack } from "@bufbuild/protobuf/wkt";

/** The message types that may stand in a `google.protobuf.Any`, by name. */
export class AnyRegistry {
  readonly #types: ReadonlyMap<string, DescMessage>;

  constructor(types: Iterable<DescMessage>) {
    this.#types = new Map(Array.from(types, (type) => [type.typeName, type]));
  }

  /** The type that a URL such as `type.googleapis.com/envoy.…` names, if it is registered. */
  find(typeUrl: string): DescMessage | null {
    return this.#types.get(typeNameOf(typeUrl)) ?? null;
  }
}

/** The name behind the last slash of a type URL. */
export function typeNameOf(typeUrl: string): string {
  return typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
}

/** What was packed by `packAny` or unpacked before, to spare the decoding of large messages. */
const unpacked = new WeakMap<Any, Message>();

/** Packs a message into an `Any` that `unpackAny` opens at no cost. Do not change it afterwards. */
export function packAny(desc: DescMessage, message: Message): Any {
  const any = anyPack(desc, message);
  unpacked.set(any, message);
  return any;
}

/**
 * Opens an `Any`. The same `Any` always gives the same message.
 *
 * @returns `null` if it holds another type, or bytes that are no message of this one.
 */
export function unpackAny<Desc extends DescMessage>(
  any: Any,
  desc: Desc,
): MessageShape<Desc> | null {
  const known = unpacked.get(any);
  if (known !== undefined) return isMessage(known, desc) ? known : null;
  if (typeNameOf(any.typeUrl) !== desc.typeName) return null;
  try {
    const message = fromBinary(desc, any.value);
    unpacked.set(any, message);
    return message;
  } catch {
    // Bytes that came over the wire; the caller says where they stood.
    return null;
  }
}
