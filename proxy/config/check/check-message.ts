import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { isReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { Any, Duration } from "@bufbuild/protobuf/wkt";
import { AnySchema, DurationSchema } from "@bufbuild/protobuf/wkt";
import type { FieldPath } from "../field-path.ts";
import type { Extension, FieldStatus } from "../fields/field-status.ts";
import { unpackAny } from "../message/any-registry.ts";
import type { Problems } from "../problems.ts";
import { checkRules } from "../rules/check-rules.ts";
import { checkDurationRange } from "../rules/time-rules.ts";
import type { MessagePlan } from "./message-plan.ts";
import { planOf } from "./message-plan.ts";

/** How the fields of one message are to be judged. */
interface Judgement {
  /** Whether the message stands in a field that is refused as a whole, or that has no effect. */
  readonly isSettled: boolean;
  /** Fields that are refused here, though they are implemented elsewhere. */
  readonly refused: ReadonlySet<string>;
}

const JUDGED: Judgement = { isSettled: false, refused: new Set() };
const SETTLED: Judgement = { isSettled: true, refused: new Set() };

/**
 * Checks a message and all messages in it: the rules of the .proto files hold, and nothing is set
 * that is not implemented. Everything found is added to `problems`.
 */
export function checkMessage(
  desc: DescMessage,
  message: Message,
  path: FieldPath,
  problems: Problems,
): void {
  new MessageCheck(problems).check(reflect(desc, message, false), path, JUDGED);
}

class MessageCheck {
  readonly #problems: Problems;
  /** What could not be read, and so may seem to be missing. */
  readonly #unread: readonly string[];

  constructor(problems: Problems) {
    this.#problems = problems;
    this.#unread = problems.list.map((problem) => problem.path);
  }

  check(message: ReflectMessage, path: FieldPath, judgement: Judgement): void {
    const plan = planOf(message.desc);
    this.#checkRules(message, plan, path);
    // Fields from the wire that are newer than our .proto files.
    for (const { no } of message.getUnknown() ?? []) {
      this.#problems.add(path, `unknown field of number ${no}`);
    }
    for (const { field, status } of plan.fields) {
      if (this.#problems.isFull) return;
      if (!message.isSet(field)) continue;
      const at = path.field(field.name);
      const isRefusedHere = judgement.refused.has(field.name);
      const next = judgement.isSettled
        ? SETTLED
        : this.#judge(message, field, isRefusedHere ? null : status, at);
      this.#enter(message, field, at, next, status);
    }
  }

  #checkRules(message: ReflectMessage, plan: MessagePlan, path: FieldPath): void {
    for (const oneof of plan.requiredOneofs) {
      if (message.oneofCase(oneof) === undefined) {
        this.#addBroken(path, path.field(oneof.name), "value is required");
      }
    }
    for (const { field, rules } of plan.ruledFields) {
      checkRules(message, field, rules, path.field(field.name), (at, reason) =>
        this.#addBroken(path, at, reason),
      );
    }
  }

  /** Adds a broken rule, unless it may be the consequence of something that could not be read. */
  #addBroken(owner: FieldPath, path: FieldPath, reason: string): void {
    const front = owner.toString();
    const isConsequence = this.#unread.some(
      (unread) => front === "" || unread.startsWith(`${front}.`) || unread === front,
    );
    if (!isConsequence) this.#problems.add(path, reason);
  }

  /** Decides about a field that is set, and so about what is in it. */
  #judge(
    message: ReflectMessage,
    field: DescField,
    status: FieldStatus | null,
    path: FieldPath,
  ): Judgement {
    if (status === null) {
      this.#problems.add(path, "not implemented");
      return SETTLED;
    }
    switch (status.kind) {
      case "implemented":
      case "extension":
        return JUDGED;
      case "narrowed":
        return { isSettled: false, refused: status.refused };
      case "harmless":
        return SETTLED;
      case "values":
        this.#checkValues(message, field, status.names, path);
        return JUDGED;
      case "accepted":
        if (status.accepts(message.message)) return JUDGED;
        this.#problems.add(path, `not implemented (accepted: ${status.values})`);
        return SETTLED;
    }
  }

  #checkValues(
    message: ReflectMessage,
    field: DescField,
    names: readonly string[],
    path: FieldPath,
  ): void {
    const value = message.get(field);
    const name = typeof value === "number" ? field.enum?.value[value]?.name : undefined;
    if (name !== undefined && names.includes(name)) return;
    const found = name ?? String(value);
    this.#problems.add(path, `${found} is not implemented (accepted: ${names.join(", ")})`);
  }

  /** Goes on to the messages that a field holds. */
  #enter(
    message: ReflectMessage,
    field: DescField,
    path: FieldPath,
    judgement: Judgement,
    status: FieldStatus | null,
  ): void {
    if (field.message === undefined || isValueType(field.message)) return;
    const types = status?.kind === "extension" ? status : null;
    const enter = (value: unknown, at: FieldPath) => {
      if (isReflectMessage(value)) this.#enterMessage(value, at, judgement, types);
    };
    if (field.fieldKind === "list") {
      let index = 0;
      for (const item of message.get(field)) enter(item, path.item(index++));
    } else if (field.fieldKind === "map") {
      for (const [key, value] of message.get(field)) enter(value, path.key(String(key)));
    } else {
      enter(message.get(field), path);
    }
  }

  #enterMessage(
    message: ReflectMessage,
    path: FieldPath,
    judgement: Judgement,
    types: Extension | null,
  ): void {
    if (isDuration(message.message)) {
      const reason = checkDurationRange(message.message);
      // Where the field has a rule, that one says more.
      if (reason !== null && !this.#problems.has(path)) this.#problems.add(path, reason);
      return;
    }
    if (isAny(message.message)) {
      if (!judgement.isSettled) this.#enterAny(message.message, path, types);
      return;
    }
    // An extension with a name beside it: the types belong to the field that holds the two.
    const inner = types === null ? undefined : message.desc.field.typedConfig;
    this.check(message, path, inner === undefined ? judgement : SETTLED);
    if (inner !== undefined) {
      this.#enter(message, inner, path.field(inner.name), judgement, types);
    }
  }

  #enterAny(any: Any, path: FieldPath, extension: Extension | null): void {
    const name = any.typeUrl.slice(any.typeUrl.lastIndexOf("/") + 1);
    const type = extension?.types.find(({ typeName }) => typeName === name);
    if (type === undefined) {
      // An `Any` without a type was told when it was read, or there is nothing in it to refuse.
      if (any.typeUrl !== "") this.#problems.add(path, `"${any.typeUrl}" is not implemented`);
      else if (any.value.length > 0) this.#problems.add(path, "the type URL is missing");
      return;
    }
    const message = unpackAny(any, type);
    if (message === null) this.#problems.add(path, `the value is no valid ${type.typeName}`);
    else this.check(reflect(type, message, false), path, JUDGED);
  }
}

/** Whether messages of a type are values, such as numbers, in which there is nothing to check. */
function isValueType(desc: DescMessage): boolean {
  const isChecked =
    desc.typeName === AnySchema.typeName || desc.typeName === DurationSchema.typeName;
  return desc.file.proto.package === "google.protobuf" && !isChecked;
}

function isDuration(message: Message): message is Duration {
  return message.$typeName === DurationSchema.typeName;
}

function isAny(message: Message): message is Any {
  return message.$typeName === AnySchema.typeName;
}
