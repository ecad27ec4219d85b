import type { DataSource } from "../../../../api/gen/envoy/config/core/v3/base_pb.js";
import type { SecretNames } from "../../tls-model.ts";
import { foldersOf } from "./data-source.ts";
import type { FoundSecret } from "./secret-source.ts";

/** What is found out about the secrets of one context while it is compiled. */
export class SecretNotes {
  readonly #watched = new Set<string>();
  readonly #dynamic = new Set<string>();
  readonly #certificates: string[] = [];
  #authority = "";

  /** Folders to watch. */
  get watched(): readonly string[] {
    return [...this.#watched];
  }

  get names(): SecretNames {
    const certificates = this.#certificates;
    return { certificates, authority: this.#authority, dynamic: [...this.#dynamic] };
  }

  /** The next certificate, of a secret with that name; empty where it is in the context itself. */
  addCertificate(name: string): void {
    this.#certificates.push(name);
  }

  /** The authorities are, or may be, of a secret with that name. */
  setAuthority(name: string): void {
    this.#authority = name;
  }

  /** Notes where a secret from a file, and the files that it names, can change. */
  watch(
    { isDynamic, name, watched }: FoundSecret,
    { watchedDirectory }: { readonly watchedDirectory?: { readonly path: string } | undefined },
    sources: readonly (DataSource | undefined)[],
  ): void {
    if (!isDynamic) return;
    this.#dynamic.add(name);
    const folders = watchedDirectory === undefined ? foldersOf(sources) : [watchedDirectory.path];
    for (const folder of [...watched, ...folders]) this.#watched.add(folder);
  }
}
