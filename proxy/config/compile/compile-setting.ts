import type { FieldPath } from "../field-path.ts";
import type { LogSinkModel } from "../model.ts";
import type { Fraction } from "./route/route-setting.ts";

/**
 * Everything that compiling needs beside the configuration itself. The caller reads it from the
 * machine, so that compiling stays a pure function.
 */
export interface CompileSetting {
  readonly hostname: string;
  /** This machine's first address that is not loopback, or `""`. */
  readonly localAddress: string;
  environment(name: string): string | undefined;
  /** Reads a file that the configuration names. */
  fileContent(filename: string, path: FieldPath): Uint8Array;
  runtimeFraction(key: string): Fraction | undefined;
  /** The whole number that the static layers of the runtime have for a key. */
  runtimeInteger(key: string): number | undefined;
  /** The same for what is true or false. */
  runtimeFlag(key: string): boolean | undefined;
  /** Whether sockets that share a port by `SO_REUSEPORT` share its connections on this system. */
  readonly sharesPorts: boolean;
  /** Log sinks of the snapshot before; their numbers are kept. */
  readonly logSinks: readonly LogSinkModel[];
}

/** The statistics scopes and log sinks that records ask for while they are written. */
export class ImageCollector {
  readonly scopes: { readonly kind: number; readonly name: string; readonly field: number }[] = [];
  readonly logSinks: LogSinkModel[];

  /** @param knownSinks Sinks of the snapshot before: a number never changes its meaning. */
  constructor(knownSinks: readonly LogSinkModel[]) {
    this.logSinks = [...knownSinks];
  }

  /** Asks for a statistics block; its address will be stored at offset `field` of the image. */
  addScope(kind: number, name: string, field: number): void {
    this.scopes.push({ kind, name, field });
  }

  /** Number of a log sink; equal ones share a number. */
  sinkIndex(sink: LogSinkModel): number {
    const known = this.logSinks.findIndex((s) => s.kind === sink.kind && s.path === sink.path);
    if (known >= 0) return known;
    return this.logSinks.push(sink) - 1;
  }
}
