import type { FormatSetting } from "../format/format-setting.ts";
import { compileFormat } from "../format/compile.ts";
import type { HttpFilter } from "../../../api/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { compileRouteSettings } from "./chain.ts";
import type { CompileSetting } from "./compile-setting.ts";
import { type FormatCompiler, type RouteSetting, refuse } from "./route/route-setting.ts";

/** What compiling the routes of one connection manager needs to know. */
export function routeSetting(
  setting: CompileSetting,
  clusterNames: readonly string[],
  format: FormatSetting,
  filters: readonly HttpFilter[],
): RouteSetting {
  const indexes = new Map(clusterNames.map((name, index) => [name, index]));
  const formats: FormatCompiler = {
    compileFormat: (writer, text, path) =>
      compileFormat(writer, text, format, path, { omitsEmpty: true }),
  };
  return {
    ...formats,
    clusterNames,
    clusterIndex: (name) => indexes.get(name),
    runtimeFraction: (key) => setting.runtimeFraction(key),
    fileContent: (filename, path) => setting.fileContent(filename, path),
    environmentContent: (name, path) => {
      const value = setting.environment(name);
      if (value === undefined) return refuse(path, `environment variable ${name} is not set`);
      return new TextEncoder().encode(value);
    },
    compileFilterConfig: (writer, name, config, path) =>
      compileRouteSettings(writer, filters, { name, config, path }, formats),
  };
}
