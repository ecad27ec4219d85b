import type { HeaderValueOption } from "../../../api/gen/envoy/config/core/v3/base_pb.js";
import { HeaderValueOption_HeaderAppendAction } from "../../../api/gen/envoy/config/core/v3/base_pb.js";
import type { FieldPath } from "../field-path.ts";
import type { Problems } from "../problems.ts";

/** The header edits that every level of a route configuration has. */
export interface HeaderEdits {
  readonly requestHeadersToAdd: readonly HeaderValueOption[];
  readonly requestHeadersToRemove: readonly string[];
  readonly responseHeadersToAdd: readonly HeaderValueOption[];
  readonly responseHeadersToRemove: readonly string[];
}

/** Checks that header edits leave alone what routing has decided: pseudo-headers and Host. */
export function checkHeaderEdits(edits: HeaderEdits, path: FieldPath, problems: Problems): void {
  checkAdded(edits.requestHeadersToAdd, path.field("request_headers_to_add"), problems);
  checkAdded(edits.responseHeadersToAdd, path.field("response_headers_to_add"), problems);
  checkRemoved(edits.requestHeadersToRemove, path.field("request_headers_to_remove"), problems);
  checkRemoved(edits.responseHeadersToRemove, path.field("response_headers_to_remove"), problems);
}

function checkAdded(
  options: readonly HeaderValueOption[],
  path: FieldPath,
  problems: Problems,
): void {
  for (const [index, option] of options.entries()) {
    if (isFixed(option.header?.key ?? "")) {
      const at = path.item(index).field("header").field("key");
      problems.add(at, ":-prefixed or host headers may not be modified");
    }
    const hasAction =
      option.appendAction !== HeaderValueOption_HeaderAppendAction.APPEND_IF_EXISTS_OR_ADD;
    if (option.append !== undefined && hasAction) {
      problems.add(path.item(index), "Both append and append_action are set and it's not allowed");
    }
  }
}

function checkRemoved(names: readonly string[], path: FieldPath, problems: Problems): void {
  for (const [index, name] of names.entries()) {
    if (!isFixed(name)) continue;
    problems.add(path.item(index), ":-prefixed or host headers may not be removed");
  }
}

/** Whether a header is one that routing has decided. */
export function isFixed(name: string): boolean {
  return name.startsWith(":") || name.toLowerCase() === "host";
}
