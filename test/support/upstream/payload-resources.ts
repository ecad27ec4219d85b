import type { Part } from "../proxy-sketch.ts";
import { TAKES_HEADERS, toCluster, toHttpListener, withHeader } from "./proxy-resources.ts";

/** What CONNECT and POST become, by the path that is asked for. */
const CONFIGS: Readonly<Record<string, Part>> = {
  "/post": { allow_post: true },
  "/plain": {},
  "/v1": { allow_post: true, proxy_protocol_config: { version: "V1" } },
  "/v2": { allow_post: true, proxy_protocol_config: { version: "V2" } },
};

/** A route action with that `connect_config`. */
function toAction(connect: Part, more: Part = {}): Part {
  const upgrade = { upgrade_type: "CONNECT", connect_config: connect };
  return { cluster: "up", upgrade_configs: [upgrade], ...more };
}

/** A listener whose CONNECT and POST end here, in the clear and in HTTP/2 by prior knowledge. */
export function toPayloadResources(port: number): Part {
  const post = { allow_post: true };
  const connects = ["v1", "v2"].map((name) => {
    // The authority says what becomes of CONNECT.
    const headers = [{ name: ":authority", string_match: { exact: `${name}:80` } }];
    return { match: { connect_matcher: {}, headers }, route: toAction(CONFIGS[`/${name}`]) };
  });
  const disabled = { upgrade_type: "CONNECT", connect_config: post, enabled: false };
  const actions: Readonly<Record<string, Part>> = {
    ...Object.fromEntries(Object.entries(CONFIGS).map(([path, each]) => [path, toAction(each)])),
    "/off": toAction({}, { upgrade_configs: [disabled] }),
    "/twice": toAction(CONFIGS["/v1"], { cluster: "proxied" }),
    "/nobody": toAction(post, { cluster: "nobody" }),
    "/mirrored": toAction(post, { request_mirror_policies: [{ cluster: "mirror" }] }),
    "/timeout": toAction(post, { timeout: "0.3s" }),
  };
  const routes = [
    ...connects,
    { match: { connect_matcher: {} }, route: toAction({}) },
    ...Object.entries(actions).map(([prefix, route]) => ({ match: { prefix }, route })),
  ];
  const manager = {
    upgrade_configs: [{ upgrade_type: "CONNECT" }],
    http2_protocol_options: { allow_connect: true },
    http_protocol_options: { accept_http_10: true },
  };
  return {
    listeners: [toHttpListener("payload", routes, [TAKES_HEADERS], manager)],
    clusters: [
      toCluster("up", port, {}),
      toCluster("mirror", port, {}),
      // Nothing listens there.
      toCluster("nobody", 1, {}),
      toCluster("proxied", port, { transport_socket: withHeader({ version: "V2" }) }),
    ],
  };
}
