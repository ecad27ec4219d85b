/** What systems do differently with listening sockets. */
export interface Platform {
  /**
   * Whether sockets that share a port by SO_REUSEPORT share its connections too. macOS gives all of
   * them to one socket, so `enable_reuse_port` counts as false there, as in Envoy.
   */
  readonly sharesPorts: boolean;
  /** `F_DUPFD_CLOEXEC` of `<fcntl.h>`, or null where nobody has tried it. */
  readonly duplicateCommand: number | null;
}

const PLATFORMS: Readonly<Record<string, Platform>> = {
  linux: { sharesPorts: true, duplicateCommand: 1030 },
  darwin: { sharesPorts: false, duplicateCommand: 67 },
};

/** What is known of a system, by Node's name of it; the least is assumed of others. */
export function platformOf(name: string): Platform {
  return PLATFORMS[name] ?? { sharesPorts: false, duplicateCommand: null };
}
