import { create, isMessage, mergeFromBinary, toBinary } from "@bufbuild/protobuf";
import type { Bootstrap } from "../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { BootstrapSchema } from "../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { checkBootstrap } from "./check/check-bootstrap.ts";
import { parseDocument } from "./document/parse-document.ts";
import { FieldPath } from "./field-path.ts";
import { EXTENSION_REGISTRY } from "./fields/field-table.ts";
import { MessageReader } from "./message/read-message.ts";
import { Problems } from "./problems.ts";

/** A text in YAML or JSON, and what to call it. */
export interface ConfigText {
  readonly text: string;
  /** The name of the file; `.json` at its end says that the text is JSON. */
  readonly name: string;
}

/**
 * Turns a bootstrap in YAML or JSON into a message that is valid and asks for nothing that is not
 * implemented.
 *
 * @throws MeshError `CONFIG_INVALID`, naming everything that is wrong by its path.
 */
export function parseBootstrap(text: string, { name }: { readonly name: string }): Bootstrap {
  return mergeBootstrap([{ text, name }]);
}

/**
 * The same for several texts, each merged over those before as protobuf merges messages, which is
 * how Envoy treats `-c FILE` with `--config-yaml TEXT`: lists are joined, single values replaced.
 *
 * @throws MeshError `CONFIG_INVALID`, naming everything that is wrong by its path.
 */
export function mergeBootstrap(texts: readonly ConfigText[]): Bootstrap {
  if (texts.length === 1) {
    const [{ text, name }] = texts;
    const problems = new Problems();
    const bootstrap = readBootstrap(text, name, problems);
    checkBootstrap(bootstrap, problems);
    problems.throwIfAny(name);
    return bootstrap;
  }
  const merged = create(BootstrapSchema);
  for (const { text, name } of texts) {
    const problems = new Problems();
    const bootstrap = readBootstrap(text, name, problems);
    problems.throwIfAny(name);
    mergeFromBinary(BootstrapSchema, merged, toBinary(BootstrapSchema, bootstrap));
  }
  validateBootstrap(merged, { name: texts.map(({ name }) => name).join(" with ") });
  return merged;
}

/**
 * Checks a bootstrap that somebody built from the generated types.
 *
 * @throws MeshError `CONFIG_INVALID`, naming everything that is wrong by its path.
 */
export function validateBootstrap(bootstrap: Bootstrap, { name }: { readonly name: string }): void {
  const problems = new Problems();
  checkBootstrap(bootstrap, problems);
  problems.throwIfAny(name);
}

/** Reads a bootstrap as far as it can be read, and adds what cannot be to `problems`. */
function readBootstrap(text: string, name: string, problems: Problems): Bootstrap {
  const document = parseDocument(text, name, problems);
  // A text that is no YAML or JSON has no fields to speak of.
  problems.throwIfAny(name);
  const reader = new MessageReader(EXTENSION_REGISTRY, problems);
  // An empty text is an empty bootstrap, as it is for Envoy.
  const message = reader.read(BootstrapSchema, document ?? {}, FieldPath.root);
  return isMessage(message, BootstrapSchema) ? message : create(BootstrapSchema);
}
