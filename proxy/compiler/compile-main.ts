// The entry of the compiler process: compiles one configuration after the other, and ends when the
// proxy closes the channel.
import { MeshError } from "../../api/errors.ts";
import { compileBootstrap } from "./compile-bootstrap.ts";
import type { CompileAnswer, CompileRequest } from "./compile-request.ts";

process.on("message", (request: CompileRequest) => {
  process.send?.(answer(request));
});
process.on("disconnect", () => process.exit(0));
// Signals are for the proxy, which ends this process by closing the channel.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});

function answer(request: CompileRequest): CompileAnswer {
  const { id } = request;
  try {
    return { id, compiled: compileBootstrap(request) };
  } catch (error) {
    if (error instanceof MeshError) {
      const { code, message, detail } = error;
      return { id, code, message, detail };
    }
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { id, code: null, message, detail: {} };
  }
}
