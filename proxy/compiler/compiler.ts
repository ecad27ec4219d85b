import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { MeshError } from "../../api/errors.ts";
import type { CompileAnswer, CompiledConfig, CompileRequest } from "./compile-request.ts";

/** How long the compiler waits for more before it ends, in milliseconds. */
const IDLE_MS = 250;

/**
 * Compiles configuration in a process of its own. Envoy's whole API takes some 90 MB to load, which
 * a proxy that only runs would carry for nothing: the process ends when it has been idle, and its
 * memory is free again. A fault in it cannot take the proxy down either.
 */
export class Compiler {
  #child: ChildProcess | null = null;
  #timer: NodeJS.Timeout | null = null;
  #id = 0;
  readonly #waiting = new Map<number, PromiseWithResolvers<CompiledConfig>>();

  /**
   * Compiles one configuration.
   *
   * @throws MeshError `CONFIG_INVALID` with every problem by its path.
   */
  compile(work: Omit<CompileRequest, "id">): Promise<CompiledConfig> {
    const request: CompileRequest = { ...work, id: ++this.#id };
    const waiting = Promise.withResolvers<CompiledConfig>();
    this.#waiting.set(request.id, waiting);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#child ??= this.#start();
    this.#child.ref();
    this.#child.send(request);
    return waiting.promise;
  }

  #start(): ChildProcess {
    const child = fork(fileURLToPath(new URL("./compile-main.ts", import.meta.url)), [], {
      serialization: "advanced",
      execArgv: [],
    });
    child.on("message", (answer: CompileAnswer) => this.#onAnswer(answer));
    child.on("exit", (code) => this.#onExit(child, code));
    return child;
  }

  #onAnswer(answer: CompileAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#rest();
    if ("compiled" in answer) waiting?.resolve(answer.compiled);
    else if (answer.code === null) waiting?.reject(new Error(answer.message));
    else waiting?.reject(new MeshError(answer.code, answer.message, answer.detail));
  }

  /** Nothing to do: the process ends soon, and does not keep ours alive until then. */
  #rest(): void {
    const child = this.#child;
    if (child === null) return;
    child.unref();
    child.channel?.unref();
    this.#timer = setTimeout(() => {
      this.#child = null;
      child.disconnect();
    }, IDLE_MS).unref();
  }

  #onExit(child: ChildProcess, code: number | null): void {
    if (this.#child === child) this.#child = null;
    for (const waiting of this.#waiting.values()) {
      waiting.reject(new Error(`the configuration compiler ended with code ${code}`));
    }
    this.#waiting.clear();
  }
}
