import { type Configuration, isHttp2, isTls, type Site, toRoutePrefix } from "./configuration.ts";
import { toPairPath } from "./tls-files.ts";

/** haproxy's files for one run: its configuration, and the map from path prefix to backend. */
export interface HaproxyFiles {
  readonly configuration: string;
  readonly routes: string;
}

/** haproxy as a proxy that does what the Envoy configuration does. */
export function renderHaproxy(configuration: Configuration, site: Site): HaproxyFiles {
  const { routeCount, clusterCount, template } = configuration;
  const clusters = Array.from({ length: clusterCount }, (_, index) => index);
  const routes = Array.from({ length: routeCount }, (_, index) => index);
  const head = `global
  maxconn 8000
  nbthread 1
${isLogged(configuration) ? "  log stdout format raw local0\n" : ""}
defaults
  mode ${template === "tcp" ? "tcp" : "http\n  http-reuse always"}
  timeout connect 1s
  timeout client 1h
  timeout server 1h
${isLogged(configuration) ? "  log global\n  option httplog\n" : ""}
frontend bench
  bind 127.0.0.1:${site.proxyPort} backlog 16384${renderBind(configuration, site)}
${renderEdits(configuration)}`;
  const lookUp = `  use_backend %[path,map_beg(${site.folder}/routes.map,backend-0)]\n`;
  const pick = routeCount === 1 ? "  default_backend backend-0\n" : lookUp;
  const backends = clusters.map((index) => renderBackend(index, configuration, site)).join("");
  return {
    configuration: `${head}${pick}${backends}`,
    routes: routes
      .map((index) => `${toRoutePrefix(index)} backend-${index % clusterCount}\n`)
      .join(""),
  };
}

function renderBind({ downstream }: Configuration, site: Site): string {
  if (isTls(downstream)) {
    // The others take the cipher that the load likes best, too.
    const tls = `ssl crt ${toPairPath(site)} alpn h2,http/1.1 ssl-min-ver TLSv1.3`;
    return ` ${tls} prefer-client-ciphers`;
  }
  return isHttp2(downstream) ? " proto h2" : "";
}

function renderBackend(index: number, { template }: Configuration, site: Site): string {
  const protocol = template === "h2-upstream" ? " proto h2" : "";
  return `backend backend-${index}\n  server one 127.0.0.1:${site.backendPort}${protocol}\n`;
}

function isLogged({ template }: Configuration): boolean {
  return template === "access-log";
}

function renderEdits(configuration: Configuration): string {
  if (!isLogged(configuration)) return "";
  return `  http-request set-header x-bench-route backend
  http-request set-header x-bench-filter 1
  http-response set-header x-bench-proxy bench
  http-response del-header x-backend-secret
  http-response del-header x-backend-internal
`;
}
