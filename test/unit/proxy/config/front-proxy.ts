/**
 * A front proxy of the kind that Envoy's documentation shows: TLS with several certificates, HTTP/2,
 * JWT, rate limits, tracing, retries, health checks. Envoy takes it as it is, given the files.
 */
export const FRONT_PROXY_YAML = `
node: { id: front-1, cluster: front }
admin:
  access_log:
  - name: admin
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
      path: /dev/null
  address:
    socket_address: { address: 127.0.0.1, port_value: 9901 }
stats_sinks:
- name: envoy.stat_sinks.statsd
  typed_config:
    "@type": type.googleapis.com/envoy.config.metrics.v3.StatsdSink
    address: { socket_address: { address: 127.0.0.1, port_value: 8125 } }
overload_manager:
  resource_monitors:
  - name: envoy.resource_monitors.global_downstream_max_connections
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig
      max_active_downstream_connections: 1000
layered_runtime:
  layers:
  - name: static
    static_layer: { re2: { max_program_size: { error_level: 1000 } } }
static_resources:
  secrets:
  - name: validation
    validation_context: { trusted_ca: { filename: /etc/front/ca.pem } }
  listeners:
  - name: https
    address: { socket_address: { address: 0.0.0.0, port_value: 8443 } }
    per_connection_buffer_limit_bytes: 32768
    listener_filters:
    - name: envoy.filters.listener.tls_inspector
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector
    filter_chains:
    - filter_chain_match: { server_names: [shop.example.com] }
      transport_socket:
        name: envoy.transport_sockets.tls
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
          common_tls_context:
            alpn_protocols: [h2, http/1.1]
            tls_certificates:
            - certificate_chain: { filename: /etc/front/cert.pem }
              private_key: { filename: /etc/front/key.pem }
      filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          codec_type: AUTO
          stat_prefix: ingress_https
          use_remote_address: true
          normalize_path: true
          merge_slashes: true
          path_with_escaped_slashes_action: UNESCAPE_AND_REDIRECT
          common_http_protocol_options:
            idle_timeout: 3600s
            headers_with_underscores_action: REJECT_REQUEST
          http2_protocol_options:
            max_concurrent_streams: 100
            initial_stream_window_size: 65536
            initial_connection_window_size: 1048576
          stream_idle_timeout: 300s
          request_timeout: 300s
          tracing:
            random_sampling: { value: 10 }
            provider:
              name: envoy.tracers.opentelemetry
              typed_config:
                "@type": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig
                grpc_service: { envoy_grpc: { cluster_name: telemetry }, timeout: 0.25s }
                service_name: front
          upgrade_configs: [{ upgrade_type: websocket }]
          access_log:
          - name: grpc
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig
              common_config:
                log_name: front
                transport_api_version: V3
                grpc_service: { envoy_grpc: { cluster_name: telemetry } }
          route_config:
            name: shop
            virtual_hosts:
            - name: shop
              domains: [shop.example.com]
              require_tls: ALL
              rate_limits:
              - actions: [{ remote_address: {} }]
              routes:
              - match: { prefix: /cart, grpc: {} }
                route:
                  cluster: cart
                  timeout: 2s
                  retry_policy: { retry_on: "5xx,reset", num_retries: 2 }
                  hash_policy: [{ cookie: { name: session, ttl: 0s } }]
              - match: { prefix: / }
                decorator: { operation: storefront }
                route:
                  cluster: storefront
                  priority: HIGH
                typed_per_filter_config:
                  envoy.filters.http.cors:
                    "@type": type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy
                    allow_methods: GET
          http_filters:
          - name: envoy.filters.http.cors
            typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors }
          - name: envoy.filters.http.jwt_authn
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication
              providers:
                shop:
                  issuer: https://issuer.example.com
                  remote_jwks:
                    http_uri: { uri: "https://issuer.example.com/jwks", cluster: storefront, timeout: 1s }
              rules: [{ match: { prefix: /cart }, requires: { provider_name: shop } }]
          - name: envoy.filters.http.ratelimit
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit
              domain: shop
              rate_limit_service:
                transport_api_version: V3
                grpc_service: { envoy_grpc: { cluster_name: telemetry } }
          - name: envoy.filters.http.router
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
              start_child_span: true
  clusters:
  - name: storefront
    type: STRICT_DNS
    connect_timeout: 0.25s
    lb_policy: LEAST_REQUEST
    outlier_detection: { consecutive_5xx: 3 }
    health_checks:
    - timeout: 1s
      interval: 5s
      unhealthy_threshold: 2
      healthy_threshold: 1
      http_health_check: { path: /healthz }
    load_assignment:
      cluster_name: storefront
      endpoints:
      - lb_endpoints:
        - endpoint:
            address: { socket_address: { address: storefront.internal, port_value: 8080 } }
  - name: cart
    type: EDS
    eds_cluster_config: { eds_config: { path_config_source: { path: /etc/front/eds.yaml } } }
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        explicit_http_config: { http2_protocol_options: {} }
    transport_socket:
      name: envoy.transport_sockets.tls
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
        sni: cart.internal
  - name: telemetry
    type: LOGICAL_DNS
    dns_lookup_family: V4_ONLY
    typed_dns_resolver_config:
      name: envoy.network.dns_resolver.cares
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        explicit_http_config: { http2_protocol_options: {} }
    load_assignment:
      cluster_name: telemetry
      endpoints:
      - lb_endpoints:
        - endpoint:
            address: { socket_address: { address: telemetry.internal, port_value: 4317 } }
`;
