import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { get, ok, TestProxy } from "../../support/proxy-sketch.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import {
  clientHeader,
  readHeader,
  tellHeader,
  type TextTlv,
} from "../../support/upstream/proxy-client.ts";
import {
  TAKES_HEADERS,
  toCluster,
  toHttpListener,
  withHeader,
} from "../../support/upstream/proxy-resources.ts";

const ALL = { version: "V2", pass_through_tlvs: {} };

describe("PROXY headers to upstreams", () => {
  let upstream: RawUpstream;

  beforeEach(async () => {
    upstream = await RawUpstream.listen();
  });
  afterEach(() => upstream.close());

  const config = (resources: object): string => JSON.stringify({ static_resources: resources });

  /** Has a request answered over a new upstream connection; returns what its header says. */
  async function answerNew(client: RawConnection, opening = ""): Promise<string> {
    client.write(opening + get("/"));
    const up = await upstream.accept();
    const told = tellHeader(await readHeader(up), new Map());
    await up.readHead();
    up.write(ok("here"));
    assert.equal((await client.readMessage()).body, "here");
    return told;
  }

  it("pools: clients whose TLVs are passed on and differ share no connection", async () => {
    const resources = {
      listeners: [toHttpListener("all", { cluster: "all" }, [TAKES_HEADERS])],
      clusters: [toCluster("all", upstream.port, { transport_socket: withHeader(ALL) })],
    };
    const proxy = await TestProxy.run(config(resources));
    try {
      const told: string[] = [];
      for (const tlv of [
        [0xe0, "a"],
        [0xe0, "b"],
      ] satisfies TextTlv[]) {
        told.push(await answerNew(await proxy.connect(), clientHeader([tlv])));
      }
      const ends = "v2 192.0.2.1:8080 to 198.51.100.7:443";
      assert.deepEqual(told, [`${ends} e0=a`, `${ends} e0=b`]);
    } finally {
      await proxy.stop();
    }
  });

  it("a Unix socket: version 2 says LOCAL, version 1 tells of the connection itself", async () => {
    const folder = mkdtempSync(join(tmpdir(), "causeway-header-"));
    const listener = (version: string) => ({
      ...toHttpListener(version, { cluster: version }),
      address: { pipe: { path: join(folder, version) } },
    });
    const cluster = (version: string) =>
      toCluster(version, upstream.port, { transport_socket: withHeader({ version }) });
    const versions = ["V1", "V2"];
    const resources = { listeners: versions.map(listener), clusters: versions.map(cluster) };
    const proxy = await TestProxy.run(config(resources));
    try {
      const told: string[] = [];
      for (const version of versions) {
        const client = await RawConnection.open(join(folder, version));
        told.push(await answerNew(client));
        client.close();
      }
      assert.match(told[0], /^v1 127\.0\.0\.1:\d+ to 127\.0\.0\.1:\d+$/);
      assert.ok(told[0].endsWith(`:${upstream.port}`));
      assert.equal(told[1], "v2 nobody");
    } finally {
      await proxy.stop();
      rmSync(folder, { recursive: true });
    }
  });

  it("within the worker: a listener there takes the header", async () => {
    const address = { envoy_internal_address: { server_listener_name: "inner" } };
    const inner = { ...toHttpListener("inner", { cluster: "all" }, [TAKES_HEADERS]) };
    const resources = {
      listeners: [
        toHttpListener("outer", { cluster: "within" }),
        { ...inner, address: undefined, internal_listener: {} },
      ],
      clusters: [
        {
          name: "within",
          load_assignment: {
            cluster_name: "within",
            endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }],
          },
          transport_socket: withHeader({ version: "V2" }),
        },
        toCluster("all", upstream.port, { transport_socket: withHeader(ALL) }),
      ],
    };
    const proxy = await TestProxy.run(config(resources));
    try {
      const client = await proxy.connect();
      const told = await answerNew(client);
      const { localPort, remotePort } = client.socket;
      assert.equal(told, `v2 127.0.0.1:${localPort} to 127.0.0.1:${remotePort}`);
    } finally {
      await proxy.stop();
    }
  });
});
