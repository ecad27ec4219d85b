/* Kinds of workload: Istio `WorkloadType`. */
import { PEER_TYPE } from "../../api/engine/peer/peer-image.ts";
import { TEXT_ROW_BYTES, indexOfText, staticTexts } from "../memory/text.ts";
import { setPeerText } from "./peer.ts";

const WORKLOAD_TYPES = staticTexts(["deployment", "cronjob", "job", "pod"]);
const TYPE_COUNT: i32 = 4;
const SLASH: u8 = 47;

/** Says of which kind the workload is, by its place: deployment, cronjob, job, pod. */
export function setPeerType(place: i32): void {
  const row = WORKLOAD_TYPES + <usize>place * TEXT_ROW_BYTES;
  setPeerText(PEER_TYPE, <usize>load<u32>(row), load<i32>(row, 4));
}

/**
 * Says of which kind the workload is, by its owner, where it is one of those:
 * `kubernetes://apis/apps/v1/namespaces/NAMESPACE/KINDs/WORKLOAD`.
 */
export function setTypeOfOwner(owner: usize, ownerLength: i32, workloadLength: i32): void {
  // The plural, a slash and the name.
  const end = owner + <usize>(ownerLength - workloadLength - 2);
  if (ownerLength <= workloadLength + 2) return;
  let kind = end;
  while (kind > owner && load<u8>(kind - 1) != SLASH) kind--;
  if (kind == owner) return;
  const place = indexOfText(WORKLOAD_TYPES, TYPE_COUNT, kind, <i32>(end - kind));
  if (place >= 0) setPeerType(place);
}
