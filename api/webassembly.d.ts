/**
 * The part of the WebAssembly API that we use. TypeScript declares it only for browsers, together
 * with everything else that browsers have, and Node's types leave it out.
 */
declare namespace WebAssembly {
  /** Compiled code, without state. Can be posted to worker threads. */
  class Module {
    constructor(bytes: BufferSource);
  }

  /** Linear memory. */
  class Memory {
    constructor(size: { initial: number; maximum?: number; shared?: boolean });
    /** Detached when the memory grows; ours has its greatest size from the start. */
    readonly buffer: ArrayBuffer;
  }

  /** Code with its state. Nothing checks that the module exports what `Exports` says. */
  class Instance<Exports = unknown> {
    constructor(module: Module, imports?: Imports);
    readonly exports: Exports;
  }

  /** What a guest throws when it traps. */
  class RuntimeError extends Error {}

  /** What a guest imports, by module and name. */
  type Imports = Readonly<Record<string, Readonly<Record<string, Import>>>>;

  /** A host function takes the guest's numbers and may answer with one. */
  type Import = Memory | ((...values: number[]) => number | undefined) | (() => void);

  /** Bytes of a module, where they lie in unshared memory. */
  type BufferSource = ArrayBuffer | ArrayBufferView<ArrayBuffer>;

  /** @throws CompileError for bytes that are no module. */
  function compile(bytes: BufferSource): Promise<Module>;

  /** Makes an instance of a compiled module. */
  function instantiate<Exports = unknown>(
    module: Module,
    imports?: Imports,
  ): Promise<Instance<Exports>>;
}
