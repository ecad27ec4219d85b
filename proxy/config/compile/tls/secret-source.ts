import { create, isMessage } from "@bufbuild/protobuf";
import type { ConfigSource } from "../../../../api/gen/envoy/config/core/v3/config_source_pb.js";
import {
  type SdsSecretConfig,
  type Secret,
  SecretSchema,
} from "../../../../api/gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import {
  type DiscoveryResponse,
  DiscoveryResponseSchema,
  ResourceSchema,
} from "../../../../api/gen/envoy/service/discovery/v3/discovery_pb.js";
import { checkMessage } from "../../check/check-message.ts";
import { parseDocument } from "../../document/parse-document.ts";
import { FieldPath } from "../../field-path.ts";
import { EXTENSION_REGISTRY } from "../../fields/field-table.ts";
import { unpackAny } from "../../message/any-registry.ts";
import { MessageReader } from "../../message/read-message.ts";
import { Problems } from "../../problems.ts";
import { refuse } from "../route/route-setting.ts";
import { folderOf, type SourceReader } from "./data-source.ts";

/** Where a secret came from. */
export interface FoundSecret {
  readonly name: string;
  readonly secret: Secret["type"];
  /** Where it stands, for what is wrong in it. */
  readonly path: FieldPath;
  /** It comes from a file, so what it names is watched. */
  readonly isDynamic: boolean;
  /** Folders to watch for the file itself. */
  readonly watched: readonly string[];
}

/** Finds secrets by name: in the bootstrap, or in files that speak SDS. */
export class SecretSources {
  readonly #reader: SourceReader;
  readonly #statics: readonly Secret[];
  readonly #files = new Map<string, DiscoveryResponse>();

  constructor(reader: SourceReader, statics: readonly Secret[]) {
    this.#reader = reader;
    this.#statics = statics;
  }

  /**
   * The secret that a configuration asks for.
   *
   * @throws MeshError `CONFIG_INVALID` when there is none, or its file cannot be read.
   */
  find(config: SdsSecretConfig, path: FieldPath): FoundSecret {
    const { name, sdsConfig } = config;
    if (sdsConfig === undefined) return this.#findStatic(name, path);
    const file = fileOf(sdsConfig);
    const at = path.field("sds_config");
    if (file === null) return refuse(at, "only a file is implemented");
    const { resources } = this.#read(file.path, at);
    const list = FieldPath.root.field("resources");
    for (const [index, resource] of resources.entries()) {
      const wrapper = unpackAny(resource, ResourceSchema);
      const inner = wrapper === null ? resource : wrapper.resource;
      const secret = inner === undefined ? null : unpackAny(inner, SecretSchema);
      // As in Envoy, the secret's own name counts, and not that of the wrapper.
      if (secret === null || secret.name !== name) continue;
      const item = list.item(index);
      const own = wrapper === null ? item : item.field("resource");
      return { name, secret: secret.type, path: own, isDynamic: true, watched: [file.folder] };
    }
    return refuse(at, `${file.path} has no secret '${name}'`);
  }

  #findStatic(name: string, path: FieldPath): FoundSecret {
    const index = this.#statics.findIndex((secret) => secret.name === name);
    if (index < 0) return refuse(path, `Unknown static secret: ${name}`);
    const own = FieldPath.root.field("static_resources").field("secrets").item(index);
    const secret = this.#statics[index].type;
    return { name, secret, path: own, isDynamic: false, watched: [] };
  }

  #read(filename: string, path: FieldPath): DiscoveryResponse {
    const known = this.#files.get(filename);
    if (known !== undefined) return known;
    const text = new TextDecoder().decode(this.#reader.fileContent(filename, path));
    const problems = new Problems();
    const document = parseDocument(text, filename, problems);
    problems.throwIfAny(filename);
    const reader = new MessageReader(EXTENSION_REGISTRY, problems);
    const message = reader.read(DiscoveryResponseSchema, document ?? {}, FieldPath.root);
    const response = isMessage(message, DiscoveryResponseSchema)
      ? message
      : create(DiscoveryResponseSchema);
    checkMessage(DiscoveryResponseSchema, response, FieldPath.root, problems);
    problems.throwIfAny(filename);
    this.#files.set(filename, response);
    return response;
  }
}

function fileOf(source: ConfigSource): { path: string; folder: string } | null {
  const { configSourceSpecifier: specifier } = source;
  if (specifier.case === "path") {
    return { path: specifier.value, folder: folderOf(specifier.value) };
  }
  if (specifier.case !== "pathConfigSource") return null;
  const { path, watchedDirectory } = specifier.value;
  return { path, folder: watchedDirectory?.path ?? folderOf(path) };
}
