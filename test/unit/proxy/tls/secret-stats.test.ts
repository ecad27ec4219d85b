import assert from "node:assert/strict";
import type { ClusterModel, Snapshot } from "../../../../proxy/config/model.ts";
import type { TlsContextModel } from "../../../../proxy/config/tls-model.ts";
import { StatStore } from "../../../../proxy/observe/stat/stat-store.ts";
import { SecretStats } from "../../../../proxy/tls/secret-stats.ts";
import { makeCertificate } from "../../../support/tls/certificate.ts";
import { clientModel, toCertificate } from "../../../support/tls/model.ts";
import { CLUSTER_MODEL } from "../cluster/cluster-model.ts";

const SHORT = makeCertificate({ subject: [["CN", "short"]], toDays: 1 });
const LONG = makeCertificate({ subject: [["CN", "long"]], toDays: 9 });
const NOW = new Date(1000);
const EXPIRY = "expiration_unix_time_seconds";

function context(path: string, dynamic: readonly string[], ...names: string[]): TlsContextModel {
  const certificates = [SHORT, LONG].slice(0, names.length).map(toCertificate);
  return clientModel({
    path,
    certificates,
    names: { certificates: names, authority: "", dynamic },
  });
}

function snapshotOf(...contexts: readonly TlsContextModel[]): Snapshot {
  const clusters = contexts.map((tls): ClusterModel => {
    return { ...CLUSTER_MODEL, name: tls.path, observedName: tls.path, tls };
  });
  return { version: 1, image: new Uint8Array(), listeners: [], clusters, logSinks: [], cells: [] };
}

function secondsOf(text: string): number {
  return Math.floor(Date.parse(text) / 1000);
}

describe("secret stats", () => {
  let store: StatStore;
  let stats: SecretStats;

  beforeEach(() => {
    store = new StatStore();
    stats = new SecretStats(store);
  });

  const counters = () => new Map(store.snapshot(0).counters.map((each) => [each.name, each.value]));
  const gauges = () => new Map(store.snapshot(0).gauges.map((each) => [each.name, each.value]));
  const counter = (name: string): number | undefined => counters().get(name);

  it("start: counters are there from the first moment, and the first reading counts", () => {
    const snapshot = snapshotOf(context("a", ["x", "y"]), context("b", []));
    stats.start(snapshot, NOW);
    const factory = "client_ssl_socket_factory";
    assert.equal(counter(`cluster.a.${factory}.ssl_context_update_by_sds`), 2);
    assert.equal(counter(`cluster.b.${factory}.ssl_context_update_by_sds`), 0);
    assert.equal(counter(`cluster.b.${factory}.upstream_context_secrets_not_ready`), 0);
    assert.equal(counter("sds.x.update_success"), 1);
    assert.equal(counter("sds.y.update_rejected"), 0);
    assert.equal(gauges().get("sds.x.update_time"), 1000);
    stats.start(snapshot, NOW);
    assert.equal(counter(`cluster.a.${factory}.ssl_context_update_by_sds`), 2);
    assert.equal(counter("sds.x.update_success"), 1);
  });

  it("onRejected: the context and its secrets count", () => {
    const snapshot = snapshotOf(context("a", ["x"]));
    stats.start(snapshot, NOW);
    stats.onRejected(snapshot, "a");
    assert.equal(counter("cluster.a.client_ssl_socket_factory.update_rejected"), 1);
    assert.equal(counter("sds.x.update_rejected"), 1);
    assert.equal(counter("sds.x.update_attempt"), 2);
  });

  it("onChanged: the context and its secrets count", () => {
    const snapshot = snapshotOf(context("a", ["x"]));
    stats.start(snapshot, NOW);
    stats.onChanged(snapshot, context("a", ["x"]), new Date(2000));
    assert.equal(counter("cluster.a.client_ssl_socket_factory.ssl_context_update_by_sds"), 2);
    assert.equal(counter("sds.x.update_success"), 2);
    assert.equal(gauges().get("sds.x.update_time"), 2000);
  });

  it("writeExpiry: by name, the last of those without one, and none that is gone", () => {
    stats.writeExpiry(snapshotOf(context("a", [], "", ""), context("b", [], "x:y")));
    const unnamed = `cluster.a.ssl.certificate.unnamed_cert_e3b0c442.${EXPIRY}`;
    const values = gauges();
    assert.deepEqual([...values.keys()], [unnamed, `cluster.b.ssl.certificate.x_y.${EXPIRY}`]);
    const long = (values.get(unnamed) ?? 0) - secondsOf(new Date().toISOString());
    assert.ok(Math.abs(long - 9 * 86_400) < 3600);
    stats.writeExpiry(snapshotOf(context("b", [], "x:y")));
    assert.deepEqual([...gauges().keys()], [`cluster.b.ssl.certificate.x_y.${EXPIRY}`]);
  });
});
