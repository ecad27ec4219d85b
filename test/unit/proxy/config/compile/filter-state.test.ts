import assert from "node:assert/strict";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import * as state from "../../../../../api/engine/state-image.ts";
import { FilterStateValue_SharedWithUpstream as Shared } from "../../../../../api/gen/envoy/extensions/filters/common/set_filter_state/v3/value_pb.js";
import {
  type FilterStateValue,
  FilterStateValueSchema,
} from "../../../../../api/gen/envoy/extensions/filters/common/set_filter_state/v3/value_pb.js";
import { writeStateSets } from "../../../../../proxy/config/compile/filter-state.ts";
import { FieldPath } from "../../../../../proxy/config/field-path.ts";
import { ImageReader } from "../../../../../proxy/config/compile/route/describe/image-reader.ts";
import { ImageWriter } from "../../../../../proxy/config/image/image-writer.ts";
import { MACHINE } from "../format/machine.ts";

const LOCAL_IP = "envoy.filters.listener.original_dst.local_ip";

function value(
  objectKey: string,
  more: MessageInitShape<typeof FilterStateValueSchema> = {},
): FilterStateValue {
  const source = { case: "inlineString", value: "text" } as const;
  const format = { format: { case: "textFormatSource", value: { specifier: source } } } as const;
  return create(FilterStateValueSchema, {
    key: { case: "objectKey", value: objectKey },
    value: { case: "formatString", value: format },
    ...more,
  });
}

function write(...values: readonly FilterStateValue[]): readonly number[] {
  const writer = new ImageWriter();
  const path = FieldPath.root.field("sets");
  const record = writeStateSets(writer, values, MACHINE, path);
  const bytes = writer.finish();
  const reader = new ImageReader(new DataView(bytes.buffer, bytes.byteOffset));
  const list = reader.uint32(record + state.STATE_SETS);
  return values.map((_, place) => {
    return reader.uint32(list + place * state.STATE_SET_BYTES + state.STATE_SET_FLAGS);
  });
}

describe("filter-state", () => {
  it("flags: what the key and the factory are, and how far it goes", () => {
    const address = state.STATE_IS_ADDRESS | state.STATE_IS_HASHED;
    assert.deepEqual(
      write(
        value("a", { factoryKey: "envoy.string" }),
        value("a", { factoryKey: "envoy.hashable_string", sharedWithUpstream: Shared.ONCE }),
        value("a", { factoryKey: "istio.hashable_string", sharedWithUpstream: Shared.TRANSITIVE }),
        value(LOCAL_IP, { skipIfEmpty: true }),
      ),
      [
        0,
        state.STATE_IS_HASHED | state.STATE_SHARED_ONCE,
        state.STATE_IS_HASHED | state.STATE_SHARED_ALWAYS,
        address | state.STATE_SKIP_EMPTY,
      ],
    );
  });

  it("factory: a key that nothing reads needs one that is known", () => {
    assert.throws(() => write(value("a")), /'a' does not have an object factory/);
    assert.throws(
      () => write(value("a", { factoryKey: "envoy.network.ip" })),
      /'envoy\.network\.ip' does not have an object factory/,
    );
  });

  it("required: a value has a key and a format", () => {
    assert.throws(
      () => write(create(FilterStateValueSchema, {})),
      /sets\[0\].*object_key is required/,
    );
    const key = { case: "objectKey", value: LOCAL_IP } as const;
    assert.throws(
      () => write(create(FilterStateValueSchema, { key })),
      /sets\[0\].*format_string is required/,
    );
  });
});
