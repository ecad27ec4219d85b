import assert from "node:assert/strict";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { StatsConfigSchema } from "../../../../../api/gen/envoy/config/metrics/v3/stats_pb.js";
import { type FindTag, TagExtractor } from "../../../../../proxy/observe/stat/stat-tag.ts";

/** Names with the tags that Envoy documents for them. */
const cases: readonly (readonly [
  name: string,
  rest: string,
  tags: Readonly<Record<string, string>>,
])[] = [
  ["server.live", "server.live", {}],
  ["cluster_manager.active_clusters", "cluster_manager.active_clusters", {}],
  ["sds.own.update_success", "sds.update_success", { "envoy.xds_resource_name": "own" }],
  [
    "listener.127.0.0.1_443.ssl.certificate.my.ca.expiration_unix_time_seconds",
    "listener.ssl.certificate.ca.expiration_unix_time_seconds",
    { "envoy.tls_certificate": "my", "envoy.listener_address": "127.0.0.1_443" },
  ],
  [
    "cluster.b.ssl.certificate.own.expiration_unix_time_seconds",
    "cluster.ssl.certificate.expiration_unix_time_seconds",
    { "envoy.tls_certificate": "own", "envoy.cluster_name": "b" },
  ],
  ["cluster.b.upstream_cx_total", "cluster.upstream_cx_total", { "envoy.cluster_name": "b" }],
  [
    "cluster.b.upstream_rq_404",
    "cluster.upstream_rq",
    { "envoy.response_code": "404", "envoy.cluster_name": "b" },
  ],
  [
    "cluster.b.external.upstream_rq_2xx",
    "cluster.external.upstream_rq_xx",
    { "envoy.response_code_class": "2", "envoy.cluster_name": "b" },
  ],
  [
    "cluster.outbound|80||a.shop.svc.upstream_rq_time",
    "cluster.shop.svc.upstream_rq_time",
    { "envoy.cluster_name": "outbound|80||a" },
  ],
  [
    "http.ingress.downstream_rq_5xx",
    "http.downstream_rq_xx",
    { "envoy.response_code_class": "5", "envoy.http_conn_manager_prefix": "ingress" },
  ],
  [
    "listener.127.0.0.1_19000.downstream_cx_total",
    "listener.downstream_cx_total",
    { "envoy.listener_address": "127.0.0.1_19000" },
  ],
  [
    "listener.[__1]_80.downstream_cx_total",
    "listener.downstream_cx_total",
    { "envoy.listener_address": "[__1]_80" },
  ],
  [
    "listener.127.0.0.1_19000.worker_0.downstream_cx_active",
    "listener.worker_downstream_cx_active",
    { "envoy.worker_id": "0", "envoy.listener_address": "127.0.0.1_19000" },
  ],
  [
    "listener.127.0.0.1_19000.http.ingress.downstream_rq_4xx",
    "listener.http.downstream_rq_xx",
    {
      "envoy.response_code_class": "4",
      "envoy.http_conn_manager_prefix": "ingress",
      "envoy.listener_address": "127.0.0.1_19000",
    },
  ],
  ["listener.admin.downstream_cx_total", "listener.admin.downstream_cx_total", {}],
  [
    "listener.admin.http.admin.downstream_rq_2xx",
    "listener.admin.http.downstream_rq_xx",
    { "envoy.response_code_class": "2", "envoy.http_conn_manager_prefix": "admin" },
  ],
  ["server.worker_1.watchdog_miss", "server.worker_watchdog_miss", { "envoy.worker_id": "1" }],
  [
    "thread_local_cluster_manager.worker_0.clusters_inflated",
    "thread_local_cluster_manager.worker_clusters_inflated",
    { "envoy.worker_id": "0" },
  ],
  [
    "vhost.web.vcluster.other.upstream_rq_total",
    "vhost.vcluster.upstream_rq_total",
    { "envoy.virtual_cluster": "other", "envoy.virtual_host": "web" },
  ],
  [
    "limit.http_local_rate_limit.enabled",
    "http_local_rate_limit.enabled",
    { "envoy.local_http_ratelimit_prefix": "limit" },
  ],
  ["proxy_proto.not_found_allowed", "proxy_proto.not_found_allowed", {}],
  [
    "proxy_proto.pre.not_found_allowed",
    "proxy_proto.not_found_allowed",
    { "envoy.proxy_protocol_prefix": "pre" },
  ],
  ["proxy_proto.versions.v1.found", "proxy_proto.found", { "envoy.proxy_protocol_version": "1" }],
  [
    "proxy_proto.pre.versions.v2.found",
    "proxy_proto.found",
    { "envoy.proxy_protocol_prefix": "pre", "envoy.proxy_protocol_version": "2" },
  ],
  [
    "access_logs.file./var/log/a.log.write_failed",
    "access_logs.file.write_failed",
    { "causeway.access_log_path": "/var/log/a.log" },
  ],
];

function extract(name: string, config?: MessageInitShape<typeof StatsConfigSchema>) {
  const message = config === undefined ? undefined : create(StatsConfigSchema, config);
  const { name: rest, tags } = new TagExtractor(message, compile).extract(name);
  return { rest, tags: tags.map((tag) => [tag.name, tag.value]) };
}

/** Stands in for the linear-time regular expressions of the configuration: takes one word. */
function compile(word: string): FindTag {
  if (word === "(") throw new Error("missing ): (");
  return (name) => {
    const start = name.indexOf(word);
    return start < 0 ? null : { start, end: start + word.length + 1, value: word };
  };
}

describe("TagExtractor", () => {
  for (const [name, rest, tags] of cases) {
    it(`extract: ${name} is ${rest}`, () => {
      assert.deepEqual(extract(name), { rest, tags: Object.entries(tags) });
    });
  }

  it("extract: gives the same again", () => {
    const extractor = new TagExtractor(undefined, compile);
    const first = extractor.extract("cluster.b.upstream_cx_total");
    assert.equal(extractor.extract("cluster.b.upstream_cx_total"), first);
  });

  it("stats_tags: a fixed tag is on every statistic, first", () => {
    const config = {
      statsTags: [{ tagName: "zone", tagValue: { case: "fixedValue", value: "a" } } as const],
    };
    assert.deepEqual(extract("http.in.rq_total", config), {
      rest: "http.rq_total",
      tags: [
        ["zone", "a"],
        ["envoy.http_conn_manager_prefix", "in"],
      ],
    });
  });

  it("stats_tags: a regex takes away what its first group matched", () => {
    const config = {
      statsTags: [{ tagName: "shop", tagValue: { case: "regex", value: "reviews" } } as const],
    };
    assert.deepEqual(extract("http.in.reviews.rq_total", config), {
      rest: "http.rq_total",
      tags: [
        ["envoy.http_conn_manager_prefix", "in"],
        ["shop", "reviews"],
      ],
    });
  });

  it("stats_tags: two tags in the same text take it away once", () => {
    const config = {
      statsTags: [{ tagName: "shop", tagValue: { case: "regex", value: "in" } } as const],
    };
    assert.deepEqual(extract("http.in.rq_total", config).rest, "http.rq_total");
  });

  it("use_all_default_tags: false leaves only the tags that are named", () => {
    const config = {
      useAllDefaultTags: false,
      statsTags: [{ tagName: "envoy.cluster_name" }],
    };
    assert.deepEqual(extract("cluster.b.upstream_rq_2xx", config), {
      rest: "cluster.upstream_rq_2xx",
      tags: [["envoy.cluster_name", "b"]],
    });
  });

  it("stats_tags: a name without a regex must be one with a default", () => {
    assert.throws(() => extract("a", { statsTags: [{ tagName: "mine" }] }), {
      code: "CONFIG_INVALID",
      message: 'stats_config.stats_tags[0]: no regex, and "mine" is not a tag with a default one',
    });
  });

  it("stats_tags: a bad regex is refused with its path", () => {
    const config = {
      statsTags: [{ tagName: "shop", tagValue: { case: "regex", value: "(" } } as const],
    };
    assert.throws(() => extract("a", config), {
      code: "CONFIG_INVALID",
      message: "stats_config.stats_tags[0].regex: missing ): (",
    });
  });
});
