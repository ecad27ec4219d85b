import {
  type Configuration,
  type Downstream,
  isHttp2,
  isTls,
  type Site,
  toAccessLogPath,
  toRoutePrefix,
} from "./configuration.ts";

/** What nginx needs at the top to run as one process with its files in `folder`. */
export function renderNginxHead(folder: string): string {
  return `daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr error;
worker_rlimit_nofile 20000;
events { worker_connections 16384; }
`;
}

/** The folders that nginx would otherwise make under its own prefix. */
export function renderNginxFolders(folder: string): string {
  const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return kinds.map((kind) => `  ${kind}_temp_path ${folder}/${kind};`).join("\n");
}

/** nginx as a proxy that does what the Envoy configuration does. */
export function renderNginx(configuration: Configuration, site: Site): string {
  const { routeCount, clusterCount, downstream } = configuration;
  const clusters = Array.from({ length: clusterCount }, (_, index) => index);
  const routes = Array.from({ length: routeCount }, (_, index) => index);
  return `${renderNginxHead(site.folder)}
http {
${renderNginxFolders(site.folder)}
  keepalive_timeout 3600s;
  keepalive_requests 1000000000;
  client_max_body_size 0;
  variables_hash_max_size 4096;
${renderLog(configuration, site)}
  # Bodies stream, as they do in Envoy.
  proxy_http_version 1.1;
  proxy_request_buffering off;
  proxy_max_temp_file_size 0;
${clusters.map((index) => renderUpstream(index, configuration, site)).join("\n")}
  server {
    listen 127.0.0.1:${site.proxyPort} backlog=16384${renderProtocols(downstream)};
${renderTls(downstream, site)}
    proxy_set_header Host $host;
${renderConnection(configuration)}
${renderEdits(configuration)}
${routes.map((index) => renderLocation(index, configuration)).join("\n")}
  }
}
`;
}

/**
 * nginx as a proxy of bytes.
 *
 * @param modulePath Of the stream module, `null` where it is built in.
 */
export function renderNginxStream(modulePath: string | null, site: Site): string {
  const load = modulePath === null ? "" : `load_module ${modulePath};\n`;
  return `${load}${renderNginxHead(site.folder)}
stream {
  proxy_connect_timeout 1s;
  proxy_timeout 3600s;
  server {
    listen 127.0.0.1:${site.proxyPort} backlog=16384;
    proxy_pass 127.0.0.1:${site.backendPort};
  }
}
`;
}

function renderUpstream(index: number, { downstream }: Configuration, site: Site): string {
  // As many as there may be requests at a time: nginx gives each a connection of its own.
  const count = isHttp2(downstream) ? 512 : 64;
  const keep = `keepalive ${count}; keepalive_timeout 3600s; keepalive_requests 1000000000;`;
  return `  upstream backend-${index} { server 127.0.0.1:${site.backendPort}; ${keep} }`;
}

function renderProtocols(downstream: Downstream): string {
  return `${isTls(downstream) ? " ssl" : ""}${isHttp2(downstream) ? " http2" : ""}`;
}

function renderTls(downstream: Downstream, { tlsFolder }: Site): string {
  if (!isTls(downstream)) return "";
  return `    ssl_protocols TLSv1.3;
    ssl_certificate ${tlsFolder}/server.pem;
    ssl_certificate_key ${tlsFolder}/server-key.pem;`;
}

function renderConnection({ template }: Configuration): string {
  if (template !== "websocket") return `    proxy_set_header Connection "";`;
  return `    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $http_connection;
    proxy_read_timeout 3600s;`;
}

function renderLocation(index: number, configuration: Configuration): string {
  const { routeCount, clusterCount, template } = configuration;
  const prefix = routeCount === 1 ? "/" : toRoutePrefix(index);
  // The gRPC module is the one that speaks HTTP/2 to an upstream; it carries other requests, too.
  const pass = template === "h2-upstream" ? "grpc_pass grpc" : "proxy_pass http";
  return `    location ${prefix} { ${pass}://backend-${index % clusterCount}; }`;
}

function renderLog({ template }: Configuration, site: Site): string {
  if (template !== "access-log") return "  access_log off;";
  return `  log_format bench '[$time_iso8601] "$request_method $request_uri $server_protocol" '
    '$status $request_length $bytes_sent $request_time $upstream_response_time '
    '"$http_x_forwarded_for" "$http_user_agent" "$request_id" "$host" "$upstream_addr"';
  access_log ${toAccessLogPath(site)} bench buffer=64k flush=10s;`;
}

function renderEdits({ template }: Configuration): string {
  if (template !== "access-log") return "";
  return `    proxy_set_header X-Bench-Route backend;
    proxy_set_header X-Bench-Filter 1;
    add_header X-Bench-Proxy bench;
    proxy_hide_header X-Backend-Secret;
    proxy_hide_header X-Backend-Internal;`;
}
