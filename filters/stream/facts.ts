/* What TLS tells of a connection: blocks of tls-facts, shared by those that have their address. */
import { FACT_USERS } from "../../api/engine/tls/tls-facts.ts";
import { release } from "../memory/slab.ts";

/** One more has the block. */
export function retainFacts(facts: usize): void {
  if (facts != 0) store<u32>(facts, load<u32>(facts, FACT_USERS) + 1, FACT_USERS);
}

/** One less has the block, which is freed after the last. */
export function releaseFacts(facts: usize): void {
  if (facts == 0) return;
  const users = load<u32>(facts, FACT_USERS) - 1;
  if (users == 0) release(facts);
  else store<u32>(facts, users, FACT_USERS);
}
