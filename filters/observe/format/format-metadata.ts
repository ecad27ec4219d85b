/*
 * The metadata of routes, virtual hosts and clusters. Values were looked up by all their paths when
 * the image was made.
 */
import {
  METADATA_BYTES,
  METADATA_IS_JSON,
  METADATA_PATH,
  METADATA_VALUE,
} from "../../../api/engine/route-image.ts";
import { setJson, setNothing, setText } from "./format-value.ts";

/**
 * Finds the value of a path, such as `com.test.my_filter:key:inner_key`.
 *
 * @param list Address of the list of values.
 */
export function setMetadata(image: usize, list: usize, path: usize, length: i32): void {
  let entry = image + <usize>load<u32>(list);
  const end = entry + <usize>load<u32>(list, 4) * METADATA_BYTES;
  for (; entry < end; entry += METADATA_BYTES) {
    if (load<i32>(entry, METADATA_PATH + 4) != length) continue;
    const own = image + <usize>load<u32>(entry, METADATA_PATH);
    if (memory.compare(own, path, length) != 0) continue;
    const value = image + <usize>load<u32>(entry, METADATA_VALUE);
    const valueLength = load<i32>(entry, METADATA_VALUE + 4);
    if (load<u32>(entry, METADATA_IS_JSON) != 0) setJson(value, valueLength);
    else setText(value, valueLength);
    return;
  }
  setNothing();
}
