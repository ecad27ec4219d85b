import { type Configuration, type Site, toAccessLogPath, toRoutePrefix } from "./configuration.ts";

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
  const { routeCount, clusterCount } = configuration;
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
${clusters.map((index) => renderUpstream(index, site.backendPort)).join("\n")}
  server {
    listen 127.0.0.1:${site.proxyPort} backlog=16384;
    proxy_set_header Host $host;
    proxy_set_header Connection "";
${renderEdits(configuration)}
${routes.map((index) => renderLocation(index, configuration)).join("\n")}
  }
}
`;
}

function renderUpstream(index: number, port: number): string {
  const keep = "keepalive 64; keepalive_timeout 3600s; keepalive_requests 1000000000;";
  return `  upstream backend-${index} { server 127.0.0.1:${port}; ${keep} }`;
}

function renderLocation(index: number, { routeCount, clusterCount }: Configuration): string {
  const prefix = routeCount === 1 ? "/" : toRoutePrefix(index);
  return `    location ${prefix} { proxy_pass http://backend-${index % clusterCount}; }`;
}

function renderLog({ template }: Configuration, site: Site): string {
  if (template === "router") return "  access_log off;";
  return `  log_format bench '[$time_iso8601] "$request_method $request_uri $server_protocol" '
    '$status $request_length $bytes_sent $request_time $upstream_response_time '
    '"$http_x_forwarded_for" "$http_user_agent" "$request_id" "$host" "$upstream_addr"';
  access_log ${toAccessLogPath(site)} bench buffer=64k flush=10s;`;
}

function renderEdits({ template }: Configuration): string {
  if (template === "router") return "";
  return `    proxy_set_header X-Bench-Route backend;
    proxy_set_header X-Bench-Filter 1;
    add_header X-Bench-Proxy bench;
    proxy_hide_header X-Backend-Secret;
    proxy_hide_header X-Backend-Internal;`;
}
