import type { AdminReply, AdminRequest } from "./reply.ts";
import type { AdminSource } from "./source.ts";

/** One parameter of an endpoint, for the help and for the forms of the home page. */
export interface AdminParameter {
  readonly name: string;
  readonly help: string;
  /** `flag` counts when it is there; a list is a choice, the first being the default. */
  readonly kind: "flag" | "text" | readonly string[];
}

/** One path of the admin interface. */
export interface AdminEndpoint {
  readonly path: string;
  readonly help: string;
  /** Changes something, and so takes POST only. */
  readonly isMutation: boolean;
  readonly parameters: readonly AdminParameter[];
  readonly reply: (request: AdminRequest, source: AdminSource) => AdminReply | Promise<AdminReply>;
}

/** What `/help` says, and what an unknown path is answered with. */
export function formatHelp(endpoints: readonly AdminEndpoint[]): string {
  const lines = endpoints.flatMap(({ path, help, isMutation, parameters }) => [
    `  ${path}${isMutation ? " (POST)" : ""}: ${help}\n`,
    ...parameters.map((parameter) => `      ${parameter.name}: ${formatParameter(parameter)}\n`),
  ]);
  return `admin commands are:\n${lines.join("")}`;
}

function formatParameter({ help, kind }: AdminParameter): string {
  return typeof kind === "string" ? help : `${help}; One of (${kind.join(", ")})`;
}
