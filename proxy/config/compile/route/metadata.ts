import { toJsonString } from "@bufbuild/protobuf";
import { type Metadata, MetadataSchema } from "../../../../api/gen/envoy/config/core/v3/base_pb.js";
import type { ImageWriter } from "../../image/image-writer.ts";

/** Writes the `filter_metadata` of some metadata as JSON, as a text at `field`. */
export function writeMetadata(
  writer: ImageWriter,
  field: number,
  metadata: Metadata | undefined,
): void {
  if (metadata === undefined) return;
  const plain = { ...metadata, typedFilterMetadata: {} };
  writer.setText(field, toJsonString(MetadataSchema, plain));
}
