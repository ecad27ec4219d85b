import type { OriginalSourceModel } from "../../config/listener-model.ts";
import type { ConnectionFacts } from "../connection-facts.ts";
import type { FilterVerdict, ListenerFilter } from "./listener-filter.ts";

/**
 * Has upstream connections come from the client's address, as it is known by now. A client without
 * an IP address changes nothing.
 */
export class OriginalSource implements ListenerFilter {
  readonly takenBytes = 0;
  readonly #model: OriginalSourceModel;
  readonly #facts: ConnectionFacts;

  constructor(model: OriginalSourceModel, facts: ConnectionFacts) {
    this.#model = model;
    this.#facts = facts;
  }

  onAccept(): FilterVerdict {
    const { remoteAddress: address } = this.#facts.ends;
    if (address !== "") this.#facts.source = { address, mark: this.#model.mark };
    return "next";
  }

  onBytes(): FilterVerdict {
    return "next";
  }
}
