/** Ports that `examples/quickstart/envoy.yaml` names: the proxy's. */
export const LISTEN_PORT_DEFAULT = 10_000;

/** The admin interface's. */
export const ADMIN_PORT_DEFAULT = 9_901;

/** The first of the sample services'; each of the others has the next one. */
export const SHOP_PORT_DEFAULT = 10_101;
