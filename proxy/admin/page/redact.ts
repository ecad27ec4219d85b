import {
  clone,
  type DescMessage,
  fromBinary,
  getOption,
  hasOption,
  isMessage,
  type MessageShape,
  ScalarType,
  toBinary,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { sensitive } from "../../../api/gen/udpa/annotations/sensitive_pb.js";
import type { AnyRegistry } from "../../config/message/any-registry.ts";

/** What stands in place of a secret. Envoy's word. */
const REDACTED = "[redacted]";

type Field = ReflectMessage["fields"][number];

/**
 * Copies messages without their secrets: every text and byte string at or below a field that is
 * marked `udpa.annotations.sensitive` becomes `REDACTED`, every other value there its default. It
 * looks into `Any` fields too.
 */
export class Redactor {
  readonly #types: AnyRegistry;
  readonly #found = new Set<DescMessage>();

  /** @param types What may stand in an `Any`. One of another type is emptied. */
  constructor(types: AnyRegistry) {
    this.#types = types;
  }

  /** The types that occurred in `Any` fields so far. */
  get foundTypes(): ReadonlySet<DescMessage> {
    return this.#found;
  }

  /** A copy that may be shown. */
  redact<Desc extends DescMessage>(desc: Desc, message: MessageShape<Desc>): MessageShape<Desc> {
    const copy = clone(desc, message);
    this.#walk(reflect(desc, copy), false);
    return copy;
  }

  #walk(message: ReflectMessage, isHidden: boolean): void {
    for (const field of message.fields) {
      if (!message.isSet(field)) continue;
      const hides = isHidden || (hasOption(field, sensitive) && getOption(field, sensitive));
      if (field.fieldKind === "message") this.#walkChild(message, field, hides);
      else if (field.fieldKind === "list") this.#walkList(message, field, hides);
      else if (field.fieldKind === "map") this.#walkMap(message, field, hides);
      else if (hides && field.fieldKind === "scalar" && isText(field.scalar)) {
        message.set(field, toRedacted(field.scalar));
      } else if (hides) message.clear(field);
    }
  }

  #walkChild(
    parent: ReflectMessage,
    field: Field & { fieldKind: "message" },
    hides: boolean,
  ): void {
    const child = parent.get(field);
    if (child.desc.typeName === AnySchema.typeName) {
      this.#redactAny(child, hides);
    } else if (!child.desc.typeName.startsWith("google.protobuf.")) this.#walk(child, hides);
    else if (hides) parent.clear(field);
  }

  #walkList(parent: ReflectMessage, field: Field & { fieldKind: "list" }, hides: boolean): void {
    const list = parent.get(field);
    if (field.listKind !== "message") {
      if (hides) parent.clear(field);
      return;
    }
    for (const item of list) {
      if (!isReflected(item)) continue;
      if (item.desc.typeName !== AnySchema.typeName) this.#walk(item, hides);
      else this.#redactAny(item, hides);
    }
  }

  #walkMap(parent: ReflectMessage, field: Field & { fieldKind: "map" }, hides: boolean): void {
    if (field.mapKind !== "message") {
      if (hides) parent.clear(field);
      return;
    }
    for (const [, value] of parent.get(field)) {
      if (!isReflected(value)) continue;
      if (value.desc.typeName === AnySchema.typeName) this.#redactAny(value, hides);
      else if (!value.desc.typeName.startsWith("google.protobuf.")) this.#walk(value, hides);
    }
  }

  /** Empties the field when its type is not known, since nobody can say what is in it then. */
  #redactAny({ message: any }: ReflectMessage, hides: boolean): void {
    if (!isMessage(any, AnySchema)) return;
    const desc = this.#types.find(any.typeUrl);
    if (desc === null) {
      any.typeUrl = "";
      any.value = new Uint8Array();
      return;
    }
    this.#found.add(desc);
    const content = fromBinary(desc, any.value);
    this.#walk(reflect(desc, content), hides);
    any.value = toBinary(desc, content);
  }
}

function isReflected(value: unknown): value is ReflectMessage {
  return typeof value === "object" && value !== null && "desc" in value && "message" in value;
}

function isText(scalar: ScalarType): boolean {
  return scalar === ScalarType.STRING || scalar === ScalarType.BYTES;
}

function toRedacted(scalar: ScalarType): string | Uint8Array {
  return scalar === ScalarType.BYTES ? new TextEncoder().encode(REDACTED) : REDACTED;
}
