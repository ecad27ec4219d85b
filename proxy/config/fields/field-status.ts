import type { DescMessage, Message, MessageShape } from "@bufbuild/protobuf";

/** What is done with one field of Envoy's configuration. Fields without a status are refused. */
export type FieldStatus<M extends Message = Message> =
  | { readonly kind: "implemented"; readonly note?: string }
  | { readonly kind: "harmless"; readonly reason: string }
  | Values
  | Accepted<M>
  | Extension
  | Narrowed;

/** An enum of which only some values are implemented. */
export interface Values {
  readonly kind: "values";
  readonly names: readonly string[];
}

/** A field that may be set only in ways that a predicate accepts. */
export interface Accepted<M extends Message> {
  readonly kind: "accepted";
  /** The values that are accepted, in words. */
  readonly values: string;
  /** Judges the message that the field belongs to. */
  accepts(message: M): boolean;
}

/** An `Any`, or a message with one, that may hold some types only. */
export interface Extension {
  readonly kind: "extension";
  readonly types: readonly DescMessage[];
}

/** A message of which fewer fields are implemented here than elsewhere. */
export interface Narrowed {
  readonly kind: "narrowed";
  readonly refused: ReadonlySet<string>;
  readonly note?: string;
}

/** The statuses of the fields of one message. */
export interface MessageFields {
  readonly desc: DescMessage;
  /** By the name of the field in the .proto file. */
  readonly statuses: ReadonlyMap<string, FieldStatus>;
}

/** States what is done with the fields of a message. */
export function fieldsOf<Desc extends DescMessage>(
  desc: Desc,
  statuses: Readonly<Record<string, FieldStatus<MessageShape<Desc>>>>,
): MessageFields {
  return { desc, statuses: new Map(Object.entries(statuses)) };
}

/** The field does what Envoy's does. */
export const implemented: FieldStatus = { kind: "implemented" };

/** The field does what Envoy's does, with something worth knowing. */
export function implementedNote(note: string): FieldStatus {
  return { kind: "implemented", note };
}

/** The field may be set without effect, for a reason that leaves nobody surprised. */
export function harmless(reason: string): FieldStatus {
  return { kind: "harmless", reason };
}

/** Some values of an enum are implemented. */
export function onlyValues(...names: string[]): Values {
  return { kind: "values", names };
}

/** The field may be set in some ways; `values` says in which. */
export function accepted<M extends Message>(
  values: string,
  accepts: (message: M) => boolean,
): Accepted<M> {
  return { kind: "accepted", values, accepts };
}

/** The field holds an extension of one of these types. */
export function extension(...types: DescMessage[]): Extension {
  return { kind: "extension", types };
}

/** The field is implemented, yet some fields of its message are not in this place. */
export function implementedWithout(...refused: string[]): Narrowed {
  return { kind: "narrowed", refused: new Set(refused) };
}

/** The same, with something worth knowing. */
export function implementedNoteWithout(note: string, ...refused: string[]): Narrowed {
  return { kind: "narrowed", refused: new Set(refused), note };
}
