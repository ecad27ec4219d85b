import assert from "node:assert/strict";
import {
  SCOPE_KIND_CONNECTION_LIMIT,
  SCOPE_KIND_CONNECTION_RATE,
  SCOPE_KIND_METADATA_EXCHANGE,
  SCOPE_KIND_RBAC,
  SCOPE_KIND_RBAC_SHADOW,
} from "../../../../../proxy/observe/stat/scope-kind.ts";
import type { NetworkFilterModel } from "../../../../../proxy/config/network-filter-model.ts";
import { buildFilter } from "../../../../../proxy/tcp/filter/build-filters.ts";
import type {
  ConnectionFilter,
  FilteredConnection,
} from "../../../../../proxy/tcp/filter/connection-filter.ts";
import { SharedCell } from "../../../../../proxy/tcp/filter/shared-cell.ts";

const CONNECTION: FilteredConnection = {
  ends: { localAddress: "10.0.0.1", localPort: 1, remoteAddress: "10.0.0.2", remotePort: 2 },
  direct: { localAddress: "10.0.0.1", localPort: 1, remoteAddress: "10.0.0.2", remotePort: 2 },
  serverName: "",
  principals: null,
};
const EVERYBODY = { permissions: [{ kind: "any" }], principals: [{ kind: "any" }] } as const;

describe("buildFilter", () => {
  let counts: Map<string, number>;
  let cell: SharedCell;

  beforeEach(() => {
    counts = new Map();
    cell = new SharedCell(SharedCell.create(1), 0);
  });

  function build(model: NetworkFilterModel): ConnectionFilter {
    return buildFilter(model, {
      countsOf: (kind, scope) => ({
        add: (number, by) => {
          const key = `${kind} ${scope} ${number}`;
          counts.set(key, (counts.get(key) ?? 0) + by);
        },
      }),
      cellOf: () => cell,
    });
  }

  const limit = { kind: "connection-limit", statPrefix: "l", delayMs: 7, cell: 0 } as const;

  it("connection limit: refuses above it, and counts who is refused until it is gone", () => {
    const filter = build({ ...limit, isEnabled: true, connectionsMax: 1 });
    assert.equal(filter.onOpen(), null);
    assert.deepEqual(filter.onOpen(), { delayMs: 7, details: "", flag: -1 });
    assert.equal(counts.get(`${SCOPE_KIND_CONNECTION_LIMIT} l 0`), 2);
    assert.equal(counts.get(`${SCOPE_KIND_CONNECTION_LIMIT} l 1`), 1);
    filter.onClose();
    assert.notEqual(filter.onOpen(), null);
    filter.onClose();
    filter.onClose();
    assert.equal(filter.onOpen(), null);
    assert.equal(counts.get(`${SCOPE_KIND_CONNECTION_LIMIT} l 0`), 1);
  });

  it("connection limit that is off: lets all, and counts nothing", () => {
    const filter = build({ ...limit, isEnabled: false, connectionsMax: 1 });
    for (let turn = 0; turn < 3; turn++) assert.equal(filter.onOpen(), null);
    filter.onClose();
    assert.deepEqual([...counts], []);
  });

  it("connection rate: refuses without a token, at once", () => {
    const rate = { kind: "connection-rate", statPrefix: "r", cell: 0, isEnabled: true } as const;
    const filter = build({ ...rate, tokensMax: 2, tokensPerMs: 1e-9 });
    assert.equal(filter.onOpen(), null);
    assert.equal(filter.onOpen(), null);
    assert.equal(filter.onOpen()?.delayMs, 0);
    assert.equal(counts.get(`${SCOPE_KIND_CONNECTION_RATE} r 0`), 1);
    assert.equal(build({ ...rate, isEnabled: false, tokensMax: 2, tokensPerMs: 1 }).onOpen(), null);
  });

  const rbac = {
    kind: "rbac",
    statScope: "p.rbac",
    shadowStatScope: "p.rbac.s",
    rules: null,
    shadowRules: null,
    isContinuous: false,
    delayMs: 3,
  } as const;

  it("rbac: the details name the policy without spaces, or none", () => {
    const policies = [{ name: "the first\tone", ...EVERYBODY }];
    const denied = build({ ...rbac, rules: { action: "deny", policies } });
    assert.deepEqual(denied.onRead(CONNECTION), {
      delayMs: 3,
      details: "rbac_access_denied_matched_policy[the_first_one]",
      flag: -1,
    });
    const none = build({ ...rbac, rules: { action: "allow", policies: [] } });
    assert.equal(none.onRead(CONNECTION)?.details, "rbac_access_denied_matched_policy[none]");
    assert.equal(counts.get(`${SCOPE_KIND_RBAC} p.rbac 1`), 2);
  });

  it("rbac: shadow rules count, and change nothing", () => {
    const policies = [{ name: "one", ...EVERYBODY }];
    const filter = build({
      ...rbac,
      rules: { action: "allow", policies },
      shadowRules: { action: "deny", policies },
    });
    assert.equal(filter.onRead(CONNECTION), null);
    assert.equal(counts.get(`${SCOPE_KIND_RBAC} p.rbac 0`), 1);
    assert.equal(counts.get(`${SCOPE_KIND_RBAC_SHADOW} p.rbac.s 1`), 1);
  });

  it("metadata exchange: each connection is one without the protocol", () => {
    const filter = build({ kind: "metadata-exchange" });
    for (let turn = 0; turn < 2; turn++) assert.equal(filter.onOpen(), null);
    filter.onClose();
    assert.deepEqual([...counts], [[`${SCOPE_KIND_METADATA_EXCHANGE} metadata_exchange 1`, 2]]);
    assert.equal(filter.judges, "nothing");
  });

  it("rbac: without rules all pass, and nothing is counted", () => {
    const filter = build(rbac);
    assert.equal(filter.onRead(CONNECTION), null);
    assert.deepEqual([...counts], []);
    assert.equal(filter.judges, "first bytes");
    assert.equal(build({ ...rbac, isContinuous: true }).judges, "all bytes");
  });
});
