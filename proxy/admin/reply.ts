/** A request to the admin interface, read whole. */
export interface AdminRequest {
  readonly method: string;
  readonly path: string;
  /** From the query, and from the body of a submitted form. */
  readonly parameters: URLSearchParams;
}

/** An answer of the admin interface. */
export interface AdminReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Runs when the answer is out. */
  readonly afterwards?: () => void;
}

/** Plain text, status 200 unless told. */
export function textReply(body: string, status = 200): AdminReply {
  return { status, contentType: "text/plain; charset=UTF-8", body };
}

/** JSON, indented by one space as Envoy does. */
export function jsonReply(value: unknown): AdminReply {
  return rawJsonReply(`${JSON.stringify(value, null, 1)}\n`);
}

/** JSON that is text already. */
export function rawJsonReply(body: string): AdminReply {
  return { status: 200, contentType: "application/json", body };
}

/** What every command that changes something answers. */
export function okReply(): AdminReply {
  return textReply("OK\n");
}

/** A request that cannot be answered as it is. Its message is the body of the answer. */
export class AdminProblem extends Error {
  readonly status: number;

  /** @param status 400 unless told. */
  constructor(message: string, status = 400) {
    super(message);
    this.name = "AdminProblem";
    this.status = status;
  }
}

/** The value of a parameter, or null where it is absent or empty. */
export function readParameter(parameters: URLSearchParams, name: string): string | null {
  return parameters.get(name) || null;
}
