import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { BootstrapSchema } from "../../../../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { ClusterSchema } from "../../../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import { ListenerSchema } from "../../../../../api/gen/envoy/config/listener/v3/listener_pb.js";
import { RouteConfigurationSchema } from "../../../../../api/gen/envoy/config/route/v3/route_pb.js";
import { DownstreamTlsContextSchema } from "../../../../../api/gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import { RouterSchema } from "../../../../../api/gen/envoy/extensions/filters/http/router/v3/router_pb.js";
import { toConfigDumpJson } from "../../../../../proxy/admin/page/config-dump.ts";
import type { AdminConfigDump } from "../../../../../proxy/admin/source.ts";
import { CLUSTER_B } from "../scripted-source.ts";
import { AnyRegistry } from "../../../../../proxy/config/message/any-registry.ts";

const TLS = create(DownstreamTlsContextSchema, {
  commonTlsContext: {
    tlsCertificates: [
      {
        certificateChain: { specifier: { case: "inlineString", value: "public" } },
        privateKey: { specifier: { case: "inlineString", value: "hush-text" } },
      },
      { privateKey: { specifier: { case: "inlineBytes", value: Buffer.from("hush-bytes") } } },
    ],
  },
});

const LISTENER = create(ListenerSchema, {
  name: "web",
  filterChains: [
    {
      transportSocket: {
        name: "tls",
        configType: { case: "typedConfig", value: anyPack(DownstreamTlsContextSchema, TLS) },
      },
    },
  ],
});

const DUMP: AdminConfigDump = {
  bootstrap: create(BootstrapSchema, {
    node: { id: "n1" },
    admin: { address: { address: { case: "pipe", value: { path: "/a" } } } },
    staticResources: { listeners: [LISTENER] },
  }),
  updatedAt: new Date("2026-01-02T03:04:05.678Z"),
  listeners: [LISTENER],
  clusters: [create(ClusterSchema, { name: "b" }), create(ClusterSchema, { name: "catalog" })],
  routes: [create(RouteConfigurationSchema, { name: "r" })],
  types: new AnyRegistry([DownstreamTlsContextSchema, RouterSchema]),
};

const ALL = { resource: null, mask: null, isWanted: () => true, endpoints: null };
const ADMIN = "type.googleapis.com/envoy.admin.v3";

function dump(query: Partial<typeof ALL | { resource: string; mask: string }>, from = DUMP) {
  return toConfigDumpJson(from, { ...ALL, ...query });
}

const problems: readonly (readonly [
  query: { resource?: string; mask?: string },
  status: number,
  message: string,
])[] = [
  [{ resource: "foo" }, 404, "foo not found in config dump\n"],
  [
    { resource: "bootstrap" },
    400,
    "bootstrap is not a repeated field. Use ?mask=bootstrap to get only this field\n",
  ],
  [{ mask: "foo" }, 400, "FieldMask foo could not be successfully applied to any configs.\n"],
  [
    { mask: "static_clusters.cluster" },
    400,
    "FieldMask static_clusters.cluster could not be successfully applied to any configs.\n",
  ],
  [
    { resource: "static_clusters", mask: "foo" },
    400,
    "FieldMask foo could not be successfully used.\n",
  ],
];

describe("toConfigDumpJson", () => {
  it("sections: come in Envoy's order, the empty ones too", () => {
    const json = JSON.parse(JSON.stringify(dump({})));
    assert.deepEqual(
      json.configs.map((config: { "@type": string }) => config["@type"]),
      [
        `${ADMIN}.BootstrapConfigDump`,
        `${ADMIN}.ClustersConfigDump`,
        `${ADMIN}.ListenersConfigDump`,
        `${ADMIN}.ScopedRoutesConfigDump`,
        `${ADMIN}.RoutesConfigDump`,
        `${ADMIN}.SecretsConfigDump`,
      ],
    );
  });

  it("resource: gives each message of the list with its type and time", () => {
    assert.deepEqual(dump({ resource: "static_route_configs" }), {
      configs: [
        {
          "@type": `${ADMIN}.RoutesConfigDump.StaticRouteConfig`,
          route_config: {
            "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
            name: "r",
          },
          last_updated: "2026-01-02T03:04:05.678Z",
        },
      ],
    });
  });

  it("resource: of which there is nothing gives an empty message", () => {
    assert.deepEqual(dump({ resource: "dynamic_listeners" }), {});
  });

  it("mask: with a resource leaves the named fields of each message", () => {
    assert.deepEqual(dump({ resource: "static_clusters", mask: "cluster.name" }), {
      configs: ["b", "catalog"].map((name) => ({
        "@type": `${ADMIN}.ClustersConfigDump.StaticCluster`,
        cluster: { "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster", name },
      })),
    });
  });

  it("mask: without a resource leaves the sections that have the field", () => {
    assert.deepEqual(dump({ mask: "bootstrap.admin" }), {
      configs: [
        {
          "@type": `${ADMIN}.BootstrapConfigDump`,
          bootstrap: { admin: { address: { pipe: { path: "/a" } } } },
        },
      ],
    });
  });

  it("mask: two paths into one message leave both", () => {
    assert.deepEqual(dump({ mask: "bootstrap.node.id,bootstrap.admin.address.pipe" }), {
      configs: [
        {
          "@type": `${ADMIN}.BootstrapConfigDump`,
          bootstrap: { node: { id: "n1" }, admin: { address: { pipe: { path: "/a" } } } },
        },
      ],
    });
  });

  it("include_eds: the endpoints that clusters have now come behind the clusters", () => {
    const other = { ...CLUSTER_B.endpoints[0], priority: 1, region: "eu" };
    const cluster = { ...CLUSTER_B, endpoints: [...CLUSTER_B.endpoints, other] };
    const query = { ...ALL, resource: "static_endpoint_configs", endpoints: [cluster] };
    const endpoint = {
      endpoint: {
        address: { socket_address: { address: "127.0.0.1", port_value: 18080 } },
        health_check_config: {},
      },
      health_status: "HEALTHY",
      load_balancing_weight: 1,
    };
    const group = { lb_endpoints: [endpoint], load_balancing_weight: 0 };
    assert.deepEqual(toConfigDumpJson(DUMP, query), {
      configs: [
        {
          "@type": `${ADMIN}.EndpointsConfigDump.StaticEndpointConfig`,
          endpoint_config: {
            "@type": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
            cluster_name: "b",
            endpoints: [
              { locality: {}, ...group },
              { locality: { region: "eu" }, ...group, priority: 1 },
            ],
            policy: { overprovisioning_factor: 140 },
          },
        },
      ],
    });
  });

  it("name_regex: leaves out what has another name", () => {
    const isWanted = (name: string) => name === "catalog";
    const json = JSON.stringify(
      toConfigDumpJson(DUMP, { ...ALL, resource: "static_clusters", isWanted }),
    );
    assert.ok(json.includes('"catalog"') && !json.includes('"b"'), json);
  });

  it("secrets: private keys are redacted everywhere, certificates are not", () => {
    const json = JSON.stringify(dump({}));
    assert.ok(!json.includes("hush"), json);
    assert.ok(!json.includes(Buffer.from("hush-bytes").toString("base64")), json);
    assert.equal(json.split('"inline_string":"[redacted]"').length, 3);
    assert.equal(json.split('"inline_string":"public"').length, 3);
    const bytes = Buffer.from("[redacted]").toString("base64");
    assert.equal(json.split(`"inline_bytes":"${bytes}"`).length, 3);
  });

  it("secrets: the configuration in force keeps its keys", () => {
    const before = structuredClone(LISTENER.filterChains[0].transportSocket?.configType);
    dump({});
    assert.deepEqual(LISTENER.filterChains[0].transportSocket?.configType, before);
  });

  it("secrets: what is packed in a type that nobody knows is left out", () => {
    const json = JSON.stringify(dump({}, { ...DUMP, types: new AnyRegistry([]) }));
    assert.ok(json.includes('"name":"tls"') && !json.includes("public"), json);
  });

  for (const [query, status, message] of problems) {
    it(`problems: ${JSON.stringify(query)} is ${status}`, () => {
      assert.throws(() => dump(query), { status, message });
    });
  }
});
