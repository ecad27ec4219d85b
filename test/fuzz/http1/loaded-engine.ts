import { readFileSync } from "node:fs";
import { HCM_STATS, IMAGE_CLUSTERS } from "../../../api/engine/image.ts";
import { HTTP_DOWNSTREAM_RQ_ACTIVE, HTTP_DOWNSTREAM_RQ_TOTAL } from "../../../api/engine/stats.ts";
import { compileBootstrap } from "../../../proxy/compiler/compile-bootstrap.ts";
import { Engine } from "../../../proxy/engine/engine.ts";
import { ScopeBlocks } from "../../../proxy/worker/scope-blocks.ts";

/** More than any statistics block takes. */
const SCOPE_BYTES_MAX = 16_384;

const EXTENSION = "type.googleapis.com/envoy.extensions.filters";

const ROUTER = `
                http_filters:
                  - name: envoy.filters.http.router
                    typed_config: { "@type": ${EXTENSION}.http.router.v3.Router }
`;

/** A connection manager as most have it. */
const PLAIN = `
                route_config:
                  virtual_hosts:
                    - name: all
                      domains: ["*"]
                      routes:
                        - match: { prefix: /direct }
                          direct_response: { status: 200, body: { inline_string: direct } }
                        - { match: { prefix: /redirect }, redirect: { path_redirect: /there } }
                        - { match: { prefix: / }, route: { cluster: backend } }
`;

/** One in which much is done to messages. */
const BUSY = `
                via: causeway
                normalize_path: true
                merge_slashes: true
                path_with_escaped_slashes_action: UNESCAPE_AND_REDIRECT
                proxy_100_continue: true
                use_remote_address: true
                http_protocol_options:
                  accept_http_10: true
                  default_host_for_http_10: ten.example
                  enable_trailers: true
                  allow_chunked_length: true
                  header_key_format: { proper_case_words: {} }
                common_http_protocol_options:
                  max_headers_count: 20
                  headers_with_underscores_action: DROP_HEADER
                local_reply_config:
                  body_format:
                    text_format_source:
                      inline_string: "%RESPONSE_CODE_DETAILS% %REQ(A)% %REQ(:PATH)%"
                route_config:
                  request_headers_to_remove: [content-length, x-a]
                  request_headers_to_add: [{ header: { key: x-seen, value: "%REQ(A)%" } }]
                  response_headers_to_remove: [content-length, x-a]
                  response_headers_to_add:
                    - header: { key: x-said, value: "%RESP(A)% %REQ(:PATH)%" }
                  virtual_hosts:
                    - name: all
                      domains: ["*"]
                      routes:
                        - { match: { prefix: /direct }, direct_response: { status: 404 } }
                        - match: { prefix: /redirect }
                          redirect: { https_redirect: true, host_redirect: other.example }
                        - match: { prefix: /old }
                          route: { cluster: backend, prefix_rewrite: /new, timeout: 7s }
                        - { match: { prefix: / }, route: { cluster: backend } }
`;

function configFor(manager: string): string {
  return `
static_resources:
  listeners:
    - name: main
      address: { socket_address: { address: 127.0.0.1, port_value: 1 } }
      filter_chains:
        - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": ${EXTENSION}.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: main
${manager}${ROUTER}
  clusters:
    - name: backend
      type: STATIC
      load_assignment:
        cluster_name: backend
        endpoints:
          - lb_endpoints:
              - endpoint:
                  address: { socket_address: { address: 127.0.0.1, port_value: 1 } }
`;
}

const SETTINGS = [PLAIN, BUSY].map((manager) => {
  const config = configFor(manager);
  const request = { id: 0, name: "fuzz", config, version: 1, logSinks: [] };
  return compileBootstrap(request).snapshot;
});

const MODULE = new WebAssembly.Module(
  readFileSync(new URL("../../../build/filters.wasm", import.meta.url)),
);

/** The whole engine with one configuration, without sockets. */
export class LoadedEngine {
  readonly engine = new Engine(MODULE);
  readonly image: number;
  readonly hcm: number;
  /** Address of the record of the one cluster. */
  readonly cluster: number;

  /** @param setting 0 for a plain configuration, 1 for a busy one. */
  constructor(setting: number) {
    const { engine } = this;
    const snapshot = SETTINGS[setting];
    this.image = engine.calls.allocate(snapshot.image.length);
    engine.bytes.set(snapshot.image, this.image);
    new ScopeBlocks(engine, () => SCOPE_BYTES_MAX).bindImage(this.image);
    this.hcm = this.image + snapshot.listeners[0].filterChains[0].terminal.record;
    this.cluster = this.image + engine.field(this.image, IMAGE_CLUSTERS);
  }

  /** Requests that began. */
  get requests(): number {
    return this.#stat(HTTP_DOWNSTREAM_RQ_TOTAL);
  }

  /** Requests that began and did not end. */
  get activeRequests(): number {
    return this.#stat(HTTP_DOWNSTREAM_RQ_ACTIVE);
  }

  #stat(counter: number): number {
    const stats = this.engine.field(this.hcm, HCM_STATS) >> 3;
    return this.engine.floats[stats + counter];
  }
}
