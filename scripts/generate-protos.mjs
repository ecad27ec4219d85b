// Generates api/gen: JavaScript and declarations for Envoy's v3 API, for the xDS types that it uses
// and for our own .proto files. Everything it reads is in node_modules or in api/proto.
//
// The sources lie in several packages of node_modules, so they are first laid side by side in one
// folder. Left out: the v2 API, and the files whose imports nobody ships (OpenCensus, Prometheus
// and OpenTelemetry messages).
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const shipped = join(root, "node_modules/@grpc/grpc-js-xds/deps");
const staged = join(root, "build/proto");
const output = join(root, "api/gen");

/** Where the .proto files lie, and which of them are wanted. */
const SOURCES = [
  { folder: join(shipped, "envoy-api"), wanted: /^envoy\/(annotations\/|.*\/v3\/)/ },
  { folder: join(shipped, "xds"), wanted: /^(xds|udpa)\// },
  {
    folder: join(shipped, "googleapis"),
    wanted:
      /^google\/(api\/(annotations|http|expr\/v1alpha1\/(checked|syntax))|rpc\/status)\.proto$/,
  },
  { folder: join(root, "api/proto"), wanted: /\.proto$/ },
];

/** Imports that are in none of the packages. */
const MISSING_IMPORT = /^import (?:public )?"(opencensus|opentelemetry|io\/prometheus)\//m;

/** Files that do nothing but import one of the files with a missing import. */
const AGGREGATES = new Set(["envoy/config/trace/v3/trace.proto"]);

/**
 * Fields that Envoy has gained since the files were shipped: the line, that before it, the file
 * that has its type where that is not imported yet, and messages that are new with it.
 */
const LATER_FIELDS = [
  {
    path: "envoy/config/route/v3/route.proto",
    before: "bool ignore_path_parameters_in_path_matching = 15;",
    field:
      "string vhost_header = 18 " +
      "[(validate.rules).string = {well_known_regex: HTTP_HEADER_NAME strict: false}];",
  },
  {
    path: "envoy/config/core/v3/protocol.proto",
    before: "google.protobuf.UInt32Value max_requests_per_connection = 6;",
    field:
      "google.protobuf.UInt32Value max_response_headers_kb = 7 " +
      "[(validate.rules).uint32 = {lte: 8192 gt: 0}];",
  },
  {
    path: "envoy/config/core/v3/protocol.proto",
    imported: "envoy/type/matcher/v3/string.proto",
    before: "bool send_fully_qualified_url = 8;",
    field: "repeated type.matcher.v3.StringMatcher ignore_http_11_upgrade = 11;",
  },
  {
    path: "envoy/extensions/transport_sockets/tls/v3/tls.proto",
    before: "string sni = 2 [(validate.rules).string = {max_bytes: 255}];",
    field: "bool auto_host_sni = 6;",
  },
  {
    path: "envoy/extensions/transport_sockets/tls/v3/tls.proto",
    before: "bool auto_host_sni = 6;",
    field: "bool auto_sni_san_validation = 7;",
  },
  {
    path: "envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector.proto",
    before: "google.protobuf.BoolValue enable_ja3_fingerprinting = 1;",
    field:
      "google.protobuf.BoolValue enable_ja4_fingerprinting = 3;\n" +
      "  bool close_connection_on_client_hello_parsing_errors = 4;\n" +
      "  google.protobuf.UInt32Value max_client_hello_size = 5 " +
      "[(validate.rules).uint32 = {lte: 16384 gt: 255}];",
  },
  {
    path: "envoy/extensions/filters/listener/proxy_protocol/v3/proxy_protocol.proto",
    before: "string stat_prefix = 5;",
    field:
      "TlvLocation tlv_location = 6;\n" +
      "  enum TlvLocation {\n    DYNAMIC_METADATA = 0;\n    FILTER_STATE = 1;\n  }",
  },
  {
    path: "envoy/extensions/filters/listener/proxy_protocol/v3/proxy_protocol.proto",
    before: "string key = 2 [(validate.rules).string = {min_len: 1}];",
    field:
      "ValueStringEncoding value_string_encoding = 3;\n" +
      "    enum ValueStringEncoding {\n      UNSPECIFIED = 0;\n" +
      "      SANITIZED_UTF8 = 1;\n      BASE64 = 2;\n    }",
  },
  {
    path: "envoy/config/core/v3/proxy_protocol.proto",
    imported: "envoy/config/core/v3/substitution_format_string.proto",
    before: "ProxyProtocolPassThroughTLVs pass_through_tlvs = 2;",
    field: "repeated TlvEntry added_tlvs = 3;",
    messages:
      "message TlvEntry {\n  uint32 type = 1 [(validate.rules).uint32 = {lt: 256}];\n" +
      "  bytes value = 2;\n  SubstitutionFormatString format_string = 3;\n}\n" +
      "message PerHostConfig {\n  repeated TlvEntry added_tlvs = 1;\n}\n",
  },
  {
    path: "envoy/extensions/transport_sockets/proxy_protocol/v3/upstream_proxy_protocol.proto",
    before:
      "config.core.v3.TransportSocket transport_socket = 2 " +
      "[(validate.rules).message = {required: true}];",
    field: "bool allow_unspecified_address = 3;\n  bool tlv_as_pool_key = 4;",
  },
  {
    path: "envoy/extensions/filters/network/rbac/v3/rbac.proto",
    imported: "google/protobuf/duration.proto",
    before: "EnforcementType enforcement_type = 4;",
    field: "google.protobuf.Duration delay_deny = 8;",
  },
];

rmSync(staged, { recursive: true, force: true });
for (const { folder, wanted } of SOURCES) stage(folder, wanted);
for (const later of LATER_FIELDS) addField(later);
rmSync(output, { recursive: true, force: true });
generate();
rmSync(staged, { recursive: true, force: true });

/** Copies the wanted files of a folder to the staging folder, at the same relative path. */
function stage(folder, wanted) {
  for (const entry of readdirSync(folder, { recursive: true })) {
    const path = entry.replaceAll("\\", "/");
    if (!path.endsWith(".proto") || !wanted.test(path) || AGGREGATES.has(path)) continue;
    const source = join(folder, path);
    if (MISSING_IMPORT.test(readFileSync(source, "utf8"))) continue;
    const target = join(staged, path);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(source, target);
  }
}

function addField({ path, imported, before, field, messages = "" }) {
  const file = join(staged, path);
  const text = readFileSync(file, "utf8");
  const name = /(\w+) = \d+/.exec(field)[1];
  if (text.includes(` ${name} = `)) throw new Error(`${path} has ${name} by now: forget it here`);
  if (!text.includes(before)) throw new Error(`${path}: where to put ${name}?`);
  const result = text.replace(before, `${before}\n  ${field}`);
  const importing = imported === undefined ? "" : `import "${imported}";\n`;
  writeFileSync(file, result.replace(/^package /m, `${importing}package `) + messages);
}

/** Runs buf with protoc-gen-es. JavaScript, since it loads faster than TypeScript with types. */
function generate() {
  const template = {
    version: "v2",
    plugins: [
      {
        local: [
          process.execPath,
          join(root, "node_modules/@bufbuild/protoc-gen-es/bin/protoc-gen-es"),
        ],
        out: output,
        opt: ["target=js+dts", "import_extension=js"],
        strategy: "all",
      },
    ],
  };
  const buf = join(root, "node_modules/@bufbuild/buf/bin/buf");
  if (!existsSync(buf)) throw new Error(`${buf} is missing: run npm ci`);
  const args = [buf, "generate", staged, "--template", JSON.stringify(template)];
  const environment = { ...process.env, BUF_CACHE_DIR: join(root, "build/buf-cache") };
  execFileSync(process.execPath, args, { cwd: root, env: environment, stdio: ["ignore", 2, 2] });
}
