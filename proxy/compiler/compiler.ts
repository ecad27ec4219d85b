import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { MeshError } from "../../api/errors.ts";
import type { SecretRefresh } from "../tls/secret-watcher.ts";
import type {
  CompileAnswer,
  CompiledConfig,
  CompileRequest,
  RefreshRequest,
} from "./compile-request.ts";

/** How long the compiler waits for more before it ends, in milliseconds. */
const IDLE_MS = 250;

/** Who waits for an answer. */
interface Waiting {
  resolve(answer: CompileAnswer): void;
  reject(error: unknown): void;
}

/**
 * Compiles configuration in a process of its own. Envoy's whole API takes some 90 MB to load, which
 * a proxy that only runs would carry for nothing: the process ends when it has been idle, and its
 * memory is free again. A fault in it cannot take the proxy down either.
 */
export class Compiler {
  #child: ChildProcess | null = null;
  #timer: NodeJS.Timeout | null = null;
  #id = 0;
  readonly #waiting = new Map<number, Waiting>();
  readonly #idleMs: number;

  /** @param idleMs How long the process waits for more work, in milliseconds. */
  constructor(idleMs: number = IDLE_MS) {
    this.#idleMs = idleMs;
  }

  /** Id of the process that compiles, or waits for work; null while there is none. */
  get processId(): number | null {
    return this.#child?.pid ?? null;
  }

  /**
   * Compiles one configuration.
   *
   * @throws MeshError `CONFIG_INVALID` with every problem by its path.
   */
  compile(work: Omit<CompileRequest, "id">): Promise<CompiledConfig> {
    const waiting = Promise.withResolvers<CompiledConfig>();
    const request: CompileRequest = { ...work, id: ++this.#id };
    this.#send(
      request,
      (answer) => {
        if ("compiled" in answer) waiting.resolve(answer.compiled);
      },
      waiting.reject,
    );
    return waiting.promise;
  }

  /** Reads the secrets of a configuration again: see `refreshSecrets`. */
  refresh(bootstrap: Uint8Array): Promise<readonly SecretRefresh[]> {
    const waiting = Promise.withResolvers<readonly SecretRefresh[]>();
    const request: RefreshRequest = { bootstrap, id: ++this.#id };
    this.#send(
      request,
      (answer) => {
        if ("secrets" in answer) waiting.resolve(answer.secrets);
      },
      waiting.reject,
    );
    return waiting.promise;
  }

  #send(
    request: CompileRequest | RefreshRequest,
    resolve: (answer: CompileAnswer) => void,
    reject: (error: unknown) => void,
  ): void {
    this.#waiting.set(request.id, { resolve, reject });
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#child ??= this.#start();
    this.#child.ref();
    this.#child.send(request);
  }

  #start(): ChildProcess {
    const child = fork(fileURLToPath(new URL("./compile-main.ts", import.meta.url)), [], {
      serialization: "advanced",
      execArgv: [],
    });
    child.on("message", (answer: CompileAnswer) => this.#onAnswer(answer));
    child.on("exit", (code) => this.#onEnd(child, `ended with code ${code}`));
    // It could not be started, or not be spoken to.
    child.on("error", (error) => this.#onEnd(child, `failed: ${error.message}`));
    return child;
  }

  #onAnswer(answer: CompileAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#rest();
    if (!("code" in answer)) waiting?.resolve(answer);
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
    }, this.#idleMs).unref();
  }

  #onEnd(child: ChildProcess, reason: string): void {
    // One that was let go has no work, and who waits now waits for its successor.
    if (this.#child !== child) return;
    this.#child = null;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(new Error(`the configuration compiler ${reason}`));
  }
}
