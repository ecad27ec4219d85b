import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import type { Cluster } from "../../../../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import type { Bootstrap } from "../../../../../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { FieldPath } from "../../../../../../proxy/config/field-path.ts";
import { parseBootstrap } from "../../../../../../proxy/config/bootstrap.ts";
import { TlsCompiler } from "../../../../../../proxy/config/compile/tls/tls-context.ts";
import type { TlsContextModel } from "../../../../../../proxy/config/tls-model.ts";
import type { Part } from "../../../../../support/proxy-sketch.ts";
import { downstreamTls, secretFile, upstreamTls } from "../../../../../support/tls/sketch.ts";

const SDS = { path_config_source: { path: "/sds/secret.json" } };
const OWN = {
  certificate_chain: { filename: "/a/cert.pem" },
  private_key: { filename: "/b/key.pem" },
};
const CA = { inline_string: "ca" };
const HASH = "ab".repeat(32);

const FILES: Readonly<Record<string, string>> = {
  "/a/cert.pem": "cert",
  "/b/key.pem": "key",
  "/sds/secret.json": secretFile("own", { tls_certificate: OWN }),
  "/sds/ca.yaml":
    "resources:\n- '@type': type.googleapis.com/" +
    "envoy.extensions.transport_sockets.tls.v3.Secret\n" +
    "  name: ca\n  validation_context: {crl: {filename: /crl/list.pem}, max_verify_depth: 2}\n",
  "/crl/list.pem": "list",
  "/sds/bad.json": "{",
};

/** The TLS of the one listener, or of the one cluster. */
function compile(socket: Part, secrets: readonly Part[] = []): TlsContextModel | null {
  const isServer = JSON.stringify(socket).includes("DownstreamTlsContext");
  const bootstrap = read(socket, secrets);
  const compiler = new TlsCompiler(bootstrap, {
    environment: (name) => (name === "CERT" ? "from the environment" : undefined),
    fileContent: (filename) => {
      if (!(filename in FILES)) throw new Error(`no file ${filename}`);
      return new TextEncoder().encode(FILES[filename]);
    },
  });
  const cluster = clusterOf(bootstrap);
  const path = FieldPath.root.field("transport_socket");
  return isServer
    ? compiler.downstream(cluster.transportSocket, path)
    : compiler.upstream(cluster, FieldPath.root);
}

function clusterOf(bootstrap: Bootstrap): Cluster {
  const cluster = bootstrap.staticResources?.clusters[0];
  assert.ok(cluster);
  return cluster;
}

function read(socket: Part, secrets: readonly Part[]): Bootstrap {
  const clusters = [{ name: "a", type: "STATIC", transport_socket: socket }];
  const config = { static_resources: { clusters, secrets } };
  return parseBootstrap(JSON.stringify(config), { name: "config.json" });
}

type Path = readonly (string | number)[];

function at(model: TlsContextModel | null, path: Path): unknown {
  return path.reduce<unknown>((value, key) => {
    return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  }, model);
}

const INLINE = {
  certificate_chain: { inline_string: "cert" },
  private_key: { inline_bytes: "a2V5" },
};
const validation = (fields: JsonObject): Part => ({ validation_context: fields });

/** What is configured, and what becomes of it. */
const rows: readonly {
  name: string;
  socket: Part;
  secrets?: readonly Part[];
  path: Path;
  want: unknown;
}[] = [
  {
    name: "a certificate inside the configuration",
    socket: upstreamTls({ tls_certificates: [INLINE] }),
    path: ["certificates"],
    want: [
      { chain: "cert", key: "key", password: null, origin: "<inline>", keyOrigin: "<inline>" },
    ],
  },
  {
    name: "a certificate from files",
    socket: upstreamTls({ tls_certificates: [OWN] }),
    path: ["certificates"],
    want: [
      { chain: "cert", key: "key", password: null, origin: "/a/cert.pem", keyOrigin: "/b/key.pem" },
    ],
  },
  {
    name: "a certificate from the environment, and a password",
    socket: upstreamTls({
      tls_certificates: [
        {
          ...INLINE,
          certificate_chain: { environment_variable: "CERT" },
          password: { inline_string: "p" },
        },
      ],
    }),
    path: ["certificates", 0],
    want: {
      chain: "from the environment",
      key: "key",
      password: "p",
      origin: "<inline>",
      keyOrigin: "<inline>",
    },
  },
  {
    name: "files that are not SDS's are not watched",
    socket: upstreamTls({ tls_certificates: [OWN] }),
    path: ["watched"],
    want: [],
  },
  {
    name: "a certificate by SDS",
    socket: upstreamTls({ tls_certificate_sds_secret_configs: [{ name: "own", sds_config: SDS }] }),
    path: ["certificates", 0, "chain"],
    want: "cert",
  },
  {
    name: "the folders of SDS's file and of what it names are watched",
    socket: upstreamTls({ tls_certificate_sds_secret_configs: [{ name: "own", sds_config: SDS }] }),
    path: ["watched"],
    want: ["/sds", "/a", "/b"],
  },
  {
    name: "a folder that is to be watched instead",
    socket: upstreamTls({
      tls_certificate_sds_secret_configs: [
        {
          name: "own",
          sds_config: {
            path_config_source: { path: "/sds/secret.json", watched_directory: { path: "/w" } },
          },
        },
      ],
    }),
    path: ["watched"],
    want: ["/w", "/a", "/b"],
  },
  {
    name: "a secret of the bootstrap",
    socket: upstreamTls({ tls_certificate_sds_secret_configs: [{ name: "s" }] }),
    secrets: [{ name: "s", tls_certificate: INLINE }],
    path: ["certificates", 0, "chain"],
    want: "cert",
  },
  {
    name: "a secret over what stands in the configuration",
    socket: upstreamTls({
      combined_validation_context: {
        default_validation_context: { trusted_ca: CA, max_verify_depth: 1 },
        validation_context_sds_secret_config: {
          name: "ca",
          sds_config: { path: "/sds/ca.yaml" },
        },
      },
    }),
    path: ["validation"],
    want: {
      authority: { certificates: "ca", origin: "<inline>" },
      revocations: { certificates: "list", origin: "/crl/list.pem" },
      revokesLeafOnly: false,
      hashes: [],
      keyHashes: [],
      names: [],
      depthMax: 2,
      acceptsUntrusted: false,
      trustDomains: null,
    },
  },
  {
    name: "TLS 1.2 is the highest version of clusters",
    socket: upstreamTls({}),
    path: ["versionMax"],
    want: "TLSv1.2",
  },
  {
    name: "TLS 1.3 is the highest version of listeners",
    socket: downstreamTls({ tls_certificates: [INLINE] }),
    path: ["versionMax"],
    want: "TLSv1.3",
  },
  {
    name: "ciphers of the same rank",
    socket: upstreamTls({ tls_params: { cipher_suites: ["[A-GCM|B-CHACHA]", "C-CBC"] } }),
    path: ["ciphers"],
    want: ["A-GCM", "B-CHACHA", "C-CBC"],
  },
  {
    name: "what is not spoken is left out of ALPN",
    socket: downstreamTls({ tls_certificates: [INLINE], alpn_protocols: ["h3", "h2", "http/1.1"] }),
    path: ["protocols"],
    want: ["h2", "http/1.1"],
  },
  {
    name: "tickets that are turned off",
    socket: downstreamTls(
      { tls_certificates: [INLINE] },
      { disable_stateless_session_resumption: true, session_timeout: "60s" },
    ),
    path: ["downstream"],
    want: {
      requiresCertificate: false,
      scansAllCertificates: false,
      ticketKeys: [],
      hasTickets: false,
      sessionTimeoutS: 60,
    },
  },
  {
    name: "server name and sessions",
    socket: upstreamTls({}, { sni: "a.test", max_session_keys: 5 }),
    path: ["upstream"],
    want: { serverName: "a.test", sendsHostname: false, checksServerName: false, sessionsMax: 5 },
  },
  {
    name: "the endpoint's name for SNI and as the name that is asked for",
    socket: upstreamTls(validation({ trusted_ca: CA }), {
      auto_host_sni: true,
      auto_sni_san_validation: true,
    }),
    path: ["upstream"],
    want: { serverName: "", sendsHostname: true, checksServerName: true, sessionsMax: 1 },
  },
  {
    name: "plain text",
    socket: {
      name: "raw",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer",
      },
    },
    path: [],
    want: null,
  },
];

const CONTEXT = "transport_socket.typed_config.common_tls_context";
const sds = (name: string, path: string): Part =>
  upstreamTls({ tls_certificate_sds_secret_configs: [{ name, sds_config: { path } }] });

/** What is refused, and how. */
const refused: readonly { name: string; socket: Part; want: RegExp | string }[] = [
  {
    name: "a listener without a certificate",
    socket: downstreamTls({}),
    want: "transport_socket.typed_config: No TLS certificates found for server context",
  },
  {
    name: "a cluster with two",
    socket: upstreamTls({ tls_certificates: [INLINE, INLINE] }),
    want:
      "transport_socket.typed_config: Multiple TLS certificates are not supported for client " +
      "contexts",
  },
  {
    name: "a certificate without a key",
    socket: upstreamTls({ tls_certificates: [{ certificate_chain: { inline_string: "a" } }] }),
    want: `${CONTEXT}.tls_certificates[0].private_key: value is required`,
  },
  {
    name: "an environment variable that is not set",
    socket: upstreamTls({
      tls_certificates: [{ ...INLINE, certificate_chain: { environment_variable: "NONE" } }],
    }),
    want:
      `${CONTEXT}.tls_certificates[0].certificate_chain.environment_variable: ` +
      "Environment variable doesn't exist: NONE",
  },
  {
    name: "auto_sni_san_validation without a validation context",
    socket: upstreamTls({}, { auto_sni_san_validation: true }),
    want:
      "transport_socket.typed_config.auto_sni_san_validation: 'auto_sni_san_validation' was " +
      "configured without a validation context",
  },
  {
    name: "auto_sni_san_validation without an authority",
    socket: upstreamTls(validation({ verify_certificate_hash: [HASH] }), {
      auto_sni_san_validation: true,
    }),
    want:
      "transport_socket.typed_config.auto_sni_san_validation: 'auto_sni_san_validation' was " +
      "configured without configuring a trusted CA",
  },
  {
    name: "a ticket key of 79 bytes",
    socket: downstreamTls(
      { tls_certificates: [INLINE] },
      { session_ticket_keys: { keys: [{ inline_string: "x".repeat(79) }] } },
    ),
    want:
      "transport_socket.typed_config.session_ticket_keys.keys[0]: Incorrect TLS session ticket " +
      "key length. Length was 79, should be 80.",
  },
  {
    name: "versions in the wrong order",
    socket: upstreamTls({
      tls_params: {
        tls_minimum_protocol_version: "TLSv1_3",
        tls_maximum_protocol_version: "TLSv1_2",
      },
    }),
    want: /tls_params\.tls_minimum_protocol_version: TLSv1\.3 is above the maximum, TLSv1\.2$/,
  },
  {
    name: "a cipher with a colon's company",
    socket: upstreamTls({ tls_params: { cipher_suites: ["A B"] } }),
    want: `${CONTEXT}.tls_params.cipher_suites[0]: 'A B' is no name of an algorithm`,
  },
  {
    name: "a secret that the file does not have",
    socket: sds("other", "/sds/secret.json"),
    want: /secret_configs\[0\]\.sds_config: \/sds\/secret\.json has no secret 'other'$/,
  },
  {
    name: "a file that is no JSON",
    socket: sds("own", "/sds/bad.json"),
    want: /^\/sds\/bad\.json: /,
  },
  {
    name: "a secret of another kind",
    socket: sds("ca", "/sds/ca.yaml"),
    want: `${CONTEXT}.tls_certificate_sds_secret_configs[0]: secret 'ca' is no certificate`,
  },
  {
    name: "a secret that the bootstrap does not have",
    socket: upstreamTls({ tls_certificate_sds_secret_configs: [{ name: "s" }] }),
    want: `${CONTEXT}.tls_certificate_sds_secret_configs[0]: Unknown static secret: s`,
  },
];

const SOCKETS = "type.googleapis.com/envoy.extensions.transport_sockets";
const PROXY_HEADER: Part = {
  name: "proxy",
  typed_config: {
    "@type": `${SOCKETS}.proxy_protocol.v3.ProxyProtocolUpstreamTransport`,
    transport_socket: {
      name: "raw",
      typed_config: { "@type": `${SOCKETS}.raw_buffer.v3.RawBuffer` },
    },
  },
};

describe("compile tls context", () => {
  for (const { name, socket, secrets, path, want } of rows) {
    it(`TlsCompiler: ${name}`, () => {
      assert.deepEqual(at(compile(socket, secrets), path), want);
    });
  }

  for (const { name, socket, want } of refused) {
    it(`TlsCompiler: ${name} is refused`, () => {
      assert.throws(() => compile(socket), { code: "CONFIG_INVALID", message: want });
    });
  }

  it("TlsCompiler: a listener's TLS is not for clusters, nor the other way", () => {
    const path = FieldPath.root.field("transport_socket");
    const compiler = new TlsCompiler(read(upstreamTls({}), []), {
      environment: () => undefined,
      fileContent: () => new Uint8Array(),
    });
    const own = (part: Part) => clusterOf(read(part, []));
    assert.throws(() => compiler.downstream(own(upstreamTls({})).transportSocket, path), {
      message: "transport_socket.typed_config: an UpstreamTlsContext is for clusters",
    });
    assert.throws(() => compiler.downstream(own(PROXY_HEADER).transportSocket, path), {
      message: "transport_socket.typed_config: a transport socket of this type is for clusters",
    });
    assert.throws(() => compiler.upstream(own(downstreamTls({})), FieldPath.root), {
      message: "transport_socket.typed_config: a DownstreamTlsContext is for listeners",
    });
  });
});
