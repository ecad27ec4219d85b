import { MeshError } from "../../api/errors.ts";
import { FieldPath } from "../config/field-path.ts";
import type { ListenerModel } from "../config/model.ts";

/**
 * Refuses what Envoy refuses of listeners that stay: a socket that is open gets no other options.
 *
 * @throws MeshError `CONFIG_INVALID`.
 */
export function refuseSocketChanges(
  before: readonly ListenerModel[],
  after: readonly ListenerModel[],
): void {
  for (const [index, { name, reusesPort }] of after.entries()) {
    const known = before.find((listener) => listener.name === name);
    if (known === undefined || known.reusesPort === reusesPort) continue;
    const path = FieldPath.root.field("static_resources").field("listeners").item(index);
    const at = path.field("enable_reuse_port").toString();
    const message = `${at}: listener ${name}: reuse port cannot be changed during an update`;
    throw new MeshError("CONFIG_INVALID", message, { path: at });
  }
}
