// The entry of the compiler process: compiles one configuration after the other, and ends when the
// proxy closes the channel.
import { MeshError } from "../../api/errors.ts";
import { compileBootstrap } from "./compile-bootstrap.ts";
import type { CompileAnswer, CompileRequest, RefreshRequest } from "./compile-request.ts";
import { refreshSecrets } from "./refresh-secrets.ts";

process.on("message", (request: CompileRequest | RefreshRequest) => {
  process.send?.(answer(request));
});
process.on("disconnect", () => process.exit(0));
// Signals are for the proxy, which ends this process by closing the channel.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});

function answer(request: CompileRequest | RefreshRequest): CompileAnswer {
  const { id } = request;
  try {
    if ("bootstrap" in request) return { id, secrets: refreshSecrets(request.bootstrap) };
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
