import assert from "node:assert/strict";
import {
  any,
  BY_BAGGAGE,
  clientOf,
  formsOf,
  NOBODY,
  peerFilter,
  send,
  shows,
  upstreamOf,
} from "./peer-exchange.ts";

describe("peer_metadata, baggage", () => {
  /** Values of the header, the pairs and the object. */
  const rows: readonly (readonly [string, string, string, object])[] = [
    [
      "all keys",
      "k8s.deployment.name=reviews-v1,service.name=reviews,service.version=v1," +
        "app.name=books,app.version=2,k8s.namespace.name=shop,k8s.cluster.name=c1," +
        "k8s.instance.name=reviews-v1-x,cloud.region=eu,cloud.availability_zone=eu-1",
      "type=deployment,workload=reviews-v1,name=reviews-v1-x,cluster=c1,namespace=shop," +
        "service=reviews,revision=v1,app=books,version=2,region=eu,availability_zone=eu-1",
      {
        type: "deployment",
        workload: "reviews-v1",
        name: "reviews-v1-x",
        cluster: "c1",
        namespace: "shop",
        service: "reviews",
        revision: "v1",
        app: "books",
        version: "2",
        region: "eu",
        availability_zone: "eu-1",
      },
    ],
    ...["cronjob", "job", "pod"].map((type) => {
      const text = `type=${type},workload=a`;
      return [type, `k8s.${type}.name=a`, text, { type, workload: "a" }] as const;
    }),
    [
      "the service is the application, too",
      "service.name=a,service.version=1",
      "service=a,revision=1,app=a,version=1",
      { service: "a", revision: "1", app: "a", version: "1" },
    ],
    [
      "the application is the service, too",
      "app.name=a,app.version=1",
      "service=a,revision=1,app=a,version=1",
      { service: "a", revision: "1", app: "a", version: "1" },
    ],
    [
      "white space, properties and other members",
      "user=1 ,, \t k8s.namespace.name \t=  shop ; secret;a=b,k8s.cluster.name,=x,  ",
      "namespace=shop",
      { namespace: "shop" },
    ],
    [
      "the last of a key counts",
      "app.name=a,app.name=b",
      "service=b,app=b",
      { service: "b", app: "b" },
    ],
    ["an equals sign in a value", "k8s.cluster.name=a=b", "cluster=a=b", { cluster: "a=b" }],
    ["percent signs stay", "k8s.cluster.name=a%20b", "cluster=a%20b", { cluster: "a%20b" }],
    ["quotes are escaped in JSON", 'k8s.cluster.name="\\', 'cluster="\\', { cluster: '"\\' }],
  ];
  for (const [name, header, pairs, object] of rows) {
    it(`baggage: ${name}`, () => {
      const found = clientOf(BY_BAGGAGE, `baggage: ${header}\r\n`);
      assert.equal(found, `${pairs} | ${any(object)}`);
    });
  }

  const strangers: readonly (readonly [string, string])[] = [
    ["no header", ""],
    ["an empty header", "baggage:\r\n"],
    ["keys of others", "baggage: userId=alice,k8s.deployment=a\r\n"],
    ["an empty value", "baggage: k8s.namespace.name=\r\n"],
    ["a tab in a value", "baggage: k8s.namespace.name=a\tb\r\n"],
    ["bytes that are no UTF-8", "baggage: k8s.namespace.name=\xff\r\n"],
    ["a second header", "baggage: a=b\r\nbaggage: k8s.namespace.name=a\r\n"],
  ];
  for (const [name, request] of strangers) {
    it(`baggage: ${name} tells nothing`, () => {
      assert.equal(clientOf(BY_BAGGAGE, request), NOBODY);
    });
  }

  it("baggage: 8,192 bytes are read, and one more is not", () => {
    const start = "k8s.namespace.name=a,x=";
    const header = `baggage: ${start}${"y".repeat(8192 - start.length)}`;
    assert.match(clientOf(BY_BAGGAGE, `${header}\r\n`), /^namespace=a /);
    assert.equal(clientOf(BY_BAGGAGE, `${header}y\r\n`), NOBODY);
  });

  it("baggage: the header goes on", () => {
    const { request } = send([peerFilter(BY_BAGGAGE)], { request: "baggage: app.name=a\r\n" });
    assert.equal(request.baggage, "app.name=a");
  });

  it("upstream_discovery: an answer tells of the upstream", () => {
    const found = upstreamOf(
      { upstream_discovery: [{ baggage: {} }] },
      "baggage: k8s.pod.name=a\r\n",
    );
    assert.equal(found, `type=pod,workload=a | ${any({ type: "pod", workload: "a" })}`);
  });

  it("upstream_discovery: a request tells nothing of it", () => {
    const filters = [
      shows("response", { "x-peer": formsOf("upstream_peer") }),
      peerFilter({ upstream_discovery: [{ baggage: {} }] }),
    ];
    const { response } = send(filters, { request: "baggage: app.name=a\r\n" });
    assert.equal(response["x-peer"], NOBODY);
  });
});
