/** Which side of the mesh a fault belongs to, and so who has to act. */
export type ErrorSide = "downstream" | "upstream" | "config" | "environment";

/** What is known of every error with one code. */
export interface ErrorFacts {
  readonly side: ErrorSide;
  /** The status of the answer, where the error ends a request or an API call. */
  readonly httpStatus: number;
  /** Whether the same attempt may succeed later without any change. */
  readonly retryable: boolean;
}

/** Every error that a caller may have to tell apart. */
export const ERROR_CODES = {
  /** A configuration file cannot be read from the disk. */
  CONFIG_UNREADABLE: { side: "environment", httpStatus: 500, retryable: true },
  /** Configuration is malformed, out of range, or asks for something that is not implemented. */
  CONFIG_INVALID: { side: "config", httpStatus: 400, retryable: false },
  /** A connection does not begin with the PROXY protocol header that its listener asks for. */
  PROXY_HEADER: { side: "downstream", httpStatus: 400, retryable: false },
} as const satisfies Record<string, ErrorFacts>;

/** One of the codes in `ERROR_CODES`. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Facts of one error for logs and callers. Never header values, bodies or keys. */
export type ErrorDetail = Readonly<Record<string, unknown>>;

/** The one error class that is thrown on purpose. Anything else that is thrown is a defect. */
export class MeshError extends Error {
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;

  /**
   * @param message A sentence for a person, without the code.
   * @param detail Facts for a program.
   * @param cause The error that led here, where there is one.
   */
  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "MeshError";
    this.code = code;
    this.detail = detail;
  }

  /** The row of `ERROR_CODES` for this error. */
  get facts(): ErrorFacts {
    return ERROR_CODES[this.code];
  }
}
