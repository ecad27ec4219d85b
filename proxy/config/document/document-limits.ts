/** What a configuration text may cost to read. */
export const DOCUMENT_LIMITS = {
  /** UTF-16 units of one text. 10,000 routes are about 2 million. */
  lengthMax: 32 * 1024 * 1024,
  /** Levels of maps and lists. Protobuf parsers allow 100 levels of messages. */
  depthMax: 100,
  /** Values after aliases are followed, so that a few lines cannot stand for billions of values. */
  valueCountMax: 2_000_000,
} as const;
