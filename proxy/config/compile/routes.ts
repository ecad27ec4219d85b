import type { FormatContext } from "../format/format-context.ts";
import { compileFormat } from "../format/compile.ts";
import type { CompileSetting } from "./compile-context.ts";
import { type RouteContext, refuse } from "./route/route-context.ts";

/** What compiling the routes of one connection manager needs to know. */
export function routeContext(
  setting: CompileSetting,
  clusterNames: readonly string[],
  format: FormatContext,
): RouteContext {
  const indexes = new Map(clusterNames.map((name, index) => [name, index]));
  return {
    clusterNames,
    clusterIndex: (name) => indexes.get(name),
    compileFormat: (writer, text, path) => compileFormat(writer, text, format, path, { omitsEmpty: true }),
    runtimeFraction: (key) => setting.runtimeFraction(key),
    fileContent: (filename, path) => setting.fileContent(filename, path),
    environmentContent: (name, path) => {
      const value = setting.environment(name);
      if (value === undefined) return refuse(path, `environment variable ${name} is not set`);
      return new TextEncoder().encode(value);
    },
    // Filters that take settings of a route are added with the chain.
    compileFilterConfig: (_writer, name, _config, path) =>
      refuse(path, `filter ${name} takes no configuration from routes`),
  };
}
