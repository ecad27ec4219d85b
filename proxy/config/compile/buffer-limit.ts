/** Where none is configured, as in Envoy. */
const BUFFER_BYTES_MAX = 1024 * 1024;
/** More than a connection will ever keep: a number without sign of 32 bits, as configured ones. */
const UNLIMITED_BYTES = 0xffff_ffff;

/**
 * How many bytes may wait in a connection before no more are read for it: Envoy's
 * `per_connection_buffer_limit_bytes`, of which 0 sets no limit.
 */
export function toBufferLimit(configured: number | undefined): number {
  return configured === 0 ? UNLIMITED_BYTES : (configured ?? BUFFER_BYTES_MAX);
}
