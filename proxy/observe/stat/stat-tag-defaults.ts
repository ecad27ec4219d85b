/**
 * A rule that takes one tag out of a name. `pattern` has two groups: the text to take away, and
 * within it the value of the tag.
 */
export interface TagPattern {
  readonly tag: string;
  readonly pattern: RegExp;
}

/**
 * Envoy's well-known tags, in its order, which is the order of the labels; a rule without a fixed
 * first word comes before the others. Those of protocols that we do not speak (DynamoDB, MongoDB,
 * Thrift, Redis) are left out, and one of our own is added: the path of an access log.
 */
export function buildDefaultTags(): readonly TagPattern[] {
  return [
    { tag: "envoy.response_code", pattern: /_rq(_(\d{3}))$/ },
    { tag: "envoy.response_code_class", pattern: /_rq_((\d))xx$/ },
    fromWords("envoy.local_http_ratelimit_prefix", "$.http_local_rate_limit.**"),
    fromWords("envoy.grpc_bridge_method", "cluster.*.grpc.*.$.**"),
    fromWords("envoy.http_user_agent", "http.*.user_agent.$.**"),
    fromWords("envoy.virtual_cluster", "vhost.*.vcluster.$.**"),
    fromWords("envoy.fault_downstream_cluster", "http.*.fault.$.**"),
    { tag: "envoy.ssl_cipher", pattern: /^listener\..*?\.ssl\.ciphers(\.([\w-]+))$/ },
    { tag: "envoy.ssl_curve", pattern: /^(?:listener|cluster)\..*?\.ssl\.curves(\.([\w-]+))$/ },
    { tag: "envoy.ssl_sigalg", pattern: /^(?:listener|cluster)\..*?\.ssl\.sigalgs(\.([\w-]+))$/ },
    {
      tag: "envoy.ssl_version",
      pattern: /^(?:listener|cluster)\..*?\.ssl\.versions(\.(TLSv\d\.\d))$/,
    },
    { tag: "cipher_suite", pattern: /^cluster\.[^.]+\.ssl\.ciphers(\.([\w-]+))$/ },
    {
      tag: "envoy.tls_certificate",
      pattern: /^(?:listener|cluster)\..*?\.ssl\.certificate\.(([^.]+)\.)/,
    },
    fromWords("envoy.xds_resource_name", "sds.$.**"),
    fromWords("envoy.grpc_bridge_service", "cluster.*.grpc.$.**"),
    fromWords("envoy.tcp_prefix", "tcp.$.**"),
    fromWords("envoy.udp_prefix", "udp.$.**"),
    fromWords("envoy.clientssl_prefix", "auth.clientssl.$.**"),
    fromWords("envoy.ratelimit_prefix", "ratelimit.$.**"),
    fromWords("envoy.cluster_name", "cluster.$.**"),
    { tag: "envoy.http_conn_manager_prefix", pattern: /^listener\..*?\.http\.(([^.]+)\.)/ },
    fromWords("envoy.ext_authz_prefix", "cluster.*.ext_authz.$.**"),
    fromWords("envoy.ext_authz_prefix", "http.*.ext_authz.$.**"),
    fromWords("envoy.http_conn_manager_prefix", "http.$.**"),
    {
      tag: "envoy.worker_id",
      pattern: new RegExp(
        `^(?:listener\\.(?:${ADDRESS}|[^.]+)|server|(?:listener|thread_local_cluster)_manager)\\.` +
          "worker_((\\d+)\\.)",
      ),
    },
    {
      tag: "envoy.listener_address",
      pattern: new RegExp(`^listener\\.((?!admin\\.)(${ADDRESS}|[^.]+)\\.)`),
    },
    fromWords("envoy.virtual_host", "vhost.$.**"),
    { tag: "envoy.rds_route_config", pattern: /^http\.[^.]+\.rds\.(([\w.-]+)\.)\w+?$/ },
    fromWords("envoy.route", "vhost.*.route.$.**"),
    fromWords("envoy.local_network_ratelimit_prefix", "local_rate_limit.$.**"),
    fromWords("envoy.local_listener_ratelimit_prefix", "listener_local_ratelimit.$.**"),
    {
      tag: "envoy.proxy_protocol_prefix",
      pattern: /^proxy_proto\.((?!versions\.)(.+?)\.)(?:versions\.v\d\.)?\w+$/,
    },
    {
      tag: "envoy.proxy_protocol_version",
      pattern: /^proxy_proto\.(?:.+?\.)??(versions\.v(\d)\.)\w+$/,
    },
    { tag: "causeway.access_log_path", pattern: /^access_logs\.file\.((.+)\.)\w+$/ },
  ];
}

/** An IPv4 or IPv6 address with its port, as a statistic's name has them. */
const ADDRESS = "(?:\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|\\[[a-fA-F_\\d]+\\])_\\d+";

/**
 * A rule in words between dots: `*` is any one word, `$` the word that is the tag, and `**` at the
 * end at least one more.
 */
function fromWords(tag: string, words: string): TagPattern {
  const parts = words.split(".").map((word) => WORDS.get(word) ?? `${word}\\.`);
  return { tag, pattern: new RegExp(`^${parts.join("")}`) };
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ["*", "[^.]+\\."],
  ["$", "(([^.]+)\\.)"],
  ["**", "."],
]);
