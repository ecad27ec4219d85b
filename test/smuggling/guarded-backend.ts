import type { RunningProxy } from "../../proxy/main.ts";
import { startProxy } from "../support/start-proxy.ts";
import { RecordingBackend } from "./recording-backend.ts";

/** On which sides trailers are enabled. */
export interface TrailerSides {
  readonly downstream?: boolean;
  readonly upstream?: boolean;
}

/** Our proxy, alone before a backend that records. */
export class GuardedBackend {
  readonly backend: RecordingBackend;
  readonly #proxy: RunningProxy;

  private constructor(backend: RecordingBackend, proxy: RunningProxy) {
    this.backend = backend;
    this.#proxy = proxy;
  }

  /** Starts both. A local reply's body is its response code details. */
  static async open(trailers: TrailerSides = {}): Promise<GuardedBackend> {
    const backend = await RecordingBackend.open();
    const config = configFor(backend.port, trailers);
    const proxy = await startProxy({ config });
    return new GuardedBackend(backend, proxy);
  }

  /** Where the proxy listens. */
  get port(): number {
    return this.#proxy.listenerAddresses[0].port;
  }

  async close(): Promise<void> {
    await this.#proxy.stop();
    this.backend.close();
  }
}

const EXTENSION = "type.googleapis.com/envoy.extensions.filters";

function configFor(port: number, { downstream, upstream }: TrailerSides): string {
  return `
static_resources:
  listeners:
    - name: main
      address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
      filter_chains:
        - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": ${EXTENSION}.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: main
                generate_request_id: false
                http_protocol_options: { enable_trailers: ${downstream ?? false} }
                local_reply_config:
                  body_format:
                    text_format_source: { inline_string: "%RESPONSE_CODE_DETAILS%" }
                route_config:
                  virtual_hosts:
                    - name: all
                      domains: ["*"]
                      routes:
                        - { match: { path: /direct }, direct_response: { status: 404 } }
                        - { match: { prefix: / }, route: { cluster: backend } }
                http_filters:
                  - name: envoy.filters.http.router
                    typed_config:
                      "@type": ${EXTENSION}.http.router.v3.Router
  clusters:
    - name: backend
      type: STATIC
      connect_timeout: 5s
      typed_extension_protocol_options:
        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
          "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
          explicit_http_config: { http_protocol_options: { enable_trailers: ${upstream ?? false} } }
      load_assignment:
        cluster_name: backend
        endpoints:
          - lb_endpoints:
              - endpoint:
                  address: { socket_address: { address: 127.0.0.1, port_value: ${port} } }
`;
}
