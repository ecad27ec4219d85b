/* What TLS tells of connections, for formats. */
import { CONNECTION_TLS } from "../../../api/engine/layout.ts";
import { OPERATION_ARGUMENT } from "../../../api/engine/format-image.ts";
import { FACT_BYTES } from "../../../api/engine/tls/tls-facts.ts";
import { Connection } from "../../stream/connection.ts";
import { setMoment } from "./format-time.ts";
import { setNothing, setTextOrNothing } from "./format-value.ts";

/** Writes a fact of a block, which may be 0. */
export function setFact(facts: usize, place: i32): void {
  if (facts == 0) {
    setNothing();
    return;
  }
  const entry = facts + <usize>(place * FACT_BYTES);
  setTextOrNothing(facts + <usize>load<u32>(entry), load<i32>(entry, 4));
}

/** Writes a fact that is a moment, with the pattern of the operation. */
export function setFactTime(facts: usize, operation: usize, image: usize): void {
  const entry = facts + <usize>(load<i32>(operation, OPERATION_ARGUMENT) * FACT_BYTES);
  if (facts == 0 || load<i32>(entry, 4) == 0) setNothing();
  else setMoment(load<f64>(facts + <usize>load<u32>(entry)), 0, operation, image);
}

/** When the TLS handshake was over, in milliseconds; 0 without TLS. */
export function handshakeMs(connection: Connection): f64 {
  return (connection.flags & CONNECTION_TLS) != 0 ? connection.openedMs : 0;
}
