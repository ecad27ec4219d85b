import { Compiler } from "../../../../../../proxy/compiler/compiler.ts";
import type { ListenerModel } from "../../../../../../proxy/config/model.ts";
import {
  type ListenerSketch,
  toListenerBootstrap,
} from "../../../../../support/listener/sketch.ts";

/** What a listener becomes. Rejects with what is wrong with it. */
export async function compileListener(sketch: Partial<ListenerSketch>): Promise<ListenerModel> {
  const config = toListenerBootstrap([{ chains: { all: {} }, ...sketch }]);
  const work = { config, name: "config", version: 1, logSinks: [] };
  const { snapshot } = await new Compiler().compile(work);
  return snapshot.listeners[0];
}
