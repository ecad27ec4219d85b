import { MeshError } from "../../api/errors.ts";
import type { FieldPath } from "./field-path.ts";

/** How many problems of one configuration are told. The rest are likely to follow from these. */
export const PROBLEM_COUNT_MAX = 100;

/** One thing that is wrong with a configuration. */
export interface Problem {
  /** Where; `""` for the configuration as a whole. */
  readonly path: string;
  readonly reason: string;
}

/** Collects what is wrong with one configuration, so that all of it can be told at once. */
export class Problems {
  readonly #list: Problem[] = [];

  /** Adds a problem, unless there are `PROBLEM_COUNT_MAX` already or it is known. */
  add(path: FieldPath | string, reason: string): void {
    if (this.isFull) return;
    const problem = { path: path.toString(), reason };
    const isKnown = this.#list.some(
      (known) => known.path === problem.path && known.reason === reason,
    );
    if (!isKnown) this.#list.push(problem);
  }

  /** Whether a problem of this very path is known. */
  has(path: FieldPath): boolean {
    const text = path.toString();
    return this.#list.some((known) => known.path === text);
  }

  /** The problems so far, in the order in which they were found. */
  get list(): readonly Problem[] {
    return this.#list;
  }

  /** Whether further problems would be dropped. */
  get isFull(): boolean {
    return this.#list.length >= PROBLEM_COUNT_MAX;
  }

  /**
   * Ends the reading of a configuration.
   *
   * @param name What a person calls the configuration, such as the name of its file.
   * @throws MeshError `CONFIG_INVALID`, naming every problem, if there is one.
   */
  throwIfAny(name: string): void {
    if (this.#list.length === 0) return;
    const lines = this.#list.map(({ path, reason }) =>
      path === "" ? reason : `${path}: ${reason}`,
    );
    if (this.isFull) lines.push(`and perhaps more: only the first ${PROBLEM_COUNT_MAX} are shown`);
    const message =
      lines.length === 1
        ? `${name}: ${lines[0]}`
        : `${name}: ${this.#list.length} problems\n  ${lines.join("\n  ")}`;
    throw new MeshError("CONFIG_INVALID", message, { problems: this.#list });
  }
}
