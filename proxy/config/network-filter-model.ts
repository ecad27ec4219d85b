/** A network filter before the one that has the connection. They run in their order. */
export type NetworkFilterModel =
  | ConnectionLimitModel
  | ConnectionRateModel
  | RbacModel
  | MetadataExchangeModel;

/** `ConnectionLimit`: how many connections there may be at a time. */
export interface ConnectionLimitModel {
  readonly kind: "connection-limit";
  readonly statPrefix: string;
  readonly isEnabled: boolean;
  /** 0 admits nobody. */
  readonly connectionsMax: number;
  /** How long one too many waits before it is closed, in milliseconds. */
  readonly delayMs: number;
  /** Place of the count that all workers share. */
  readonly cell: number;
}

/** `LocalRateLimit`: how many connections there may be in a time. */
export interface ConnectionRateModel {
  readonly kind: "connection-rate";
  readonly statPrefix: string;
  readonly isEnabled: boolean;
  readonly tokensMax: number;
  readonly tokensPerMs: number;
  /** Place of the bucket that all workers share. */
  readonly cell: number;
}

/** `RBAC`: who may speak. */
export interface RbacModel {
  readonly kind: "rbac";
  /** Where it counts: `<stat_prefix>rbac`, and the same for shadow rules. */
  readonly statScope: string;
  readonly shadowStatScope: string;
  readonly rules: RbacRulesModel | null;
  readonly shadowRules: RbacRulesModel | null;
  /** Judges whenever bytes come, not only the first time. */
  readonly isContinuous: boolean;
  /** How long who is denied waits before it is closed, in milliseconds. */
  readonly delayMs: number;
}

/** `MetadataExchange`: peers that would tell each other who they are. */
export interface MetadataExchangeModel {
  readonly kind: "metadata-exchange";
}

/** What is done with who matches a policy. */
export interface RbacRulesModel {
  readonly action: "allow" | "deny" | "log";
  /** In the order of their names. */
  readonly policies: readonly RbacPolicyModel[];
}

/** Who (`principals`) may do what (`permissions`): one of each must match. */
export interface RbacPolicyModel {
  readonly name: string;
  readonly permissions: readonly RbacCondition[];
  readonly principals: readonly RbacCondition[];
}

/** A permission or a principal: something that is true of a connection or is not. */
export type RbacCondition =
  | { readonly kind: "any" }
  | { readonly kind: "all-of" | "one-of"; readonly conditions: readonly RbacCondition[] }
  | { readonly kind: "not"; readonly condition: RbacCondition }
  | {
      readonly kind: "remote-ip" | "direct-remote-ip" | "local-ip";
      readonly prefix: string;
      readonly bits: number;
    }
  /** From `start` on, below `end`. */
  | { readonly kind: "local-port"; readonly start: number; readonly end: number }
  | { readonly kind: "server-name"; readonly text: TextMatchModel }
  /** Null for a peer with any certificate. */
  | { readonly kind: "principal"; readonly text: TextMatchModel | null };

/** `StringMatcher`. */
export interface TextMatchModel {
  readonly how: "exact" | "prefix" | "suffix" | "contains" | "regex";
  /** In lower case when case is ignored. */
  readonly value: string;
  readonly ignoresCase: boolean;
}

/** `Echo`: sends back what it receives. */
export interface EchoModel {
  readonly kind: "echo";
  /** The engine needs none, nor are there statistics. */
  readonly record: 0;
  readonly statScope: "";
}

/** `direct_response`: sends this and closes. */
export interface DirectResponseModel {
  readonly kind: "direct-response";
  /** The same here. */
  readonly record: 0;
  readonly statScope: "";
  readonly body: Uint8Array;
}
