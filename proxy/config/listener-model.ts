/** What a listener does with a connection before it chooses a filter chain. */
export interface ListenerFiltersModel {
  /** In their order. */
  readonly filters: readonly ListenerFilterModel[];
  /** How long all of them may take, in milliseconds; 0 is for ever. Default 15 seconds. */
  readonly timeoutMs: number;
  /** A connection whose time is over goes on with what is known, instead of being closed. */
  readonly continuesOnTimeout: boolean;
}

/** A listener filter, and when it is left out. */
export type ListenerFilterModel = (
  | TlsInspectorModel
  | HttpInspectorModel
  | ProxyProtocolModel
  | OriginalDestinationModel
  | OriginalSourceModel
) & { readonly disabled: FilterPredicate | null };

/** `envoy.filters.listener.tls_inspector`. */
export interface TlsInspectorModel {
  readonly kind: "tls-inspector";
  /** Longest ClientHello that is waited for. Default 16 KiB. */
  readonly helloBytesMax: number;
  readonly closesOnParseError: boolean;
  readonly makesJa3: boolean;
}

/** `envoy.filters.listener.http_inspector`. */
export interface HttpInspectorModel {
  readonly kind: "http-inspector";
}

/** `envoy.filters.listener.proxy_protocol`. */
export interface ProxyProtocolModel {
  readonly kind: "proxy-protocol";
  readonly statPrefix: string;
  readonly allowsNone: boolean;
  /** Versions of the protocol that are refused. */
  readonly disallowed: readonly number[];
  readonly rules: readonly TlvRuleModel[];
  /** Types of TLVs that are kept for upstreams. */
  readonly passed: TlvChoice;
}

/** `envoy.filters.listener.original_dst`. */
export interface OriginalDestinationModel {
  readonly kind: "original-dst";
}

/** `envoy.filters.listener.original_src`. */
export interface OriginalSourceModel {
  readonly kind: "original-src";
  /** SO_MARK of upstream sockets; 0 for none. */
  readonly mark: number;
}

/** Which TLV becomes which dynamic metadata. */
export interface TlvRuleModel {
  readonly type: number;
  readonly namespace: string;
  readonly key: string;
  readonly encoding: "utf8" | "base64";
}

/** Types of TLVs. */
export type TlvChoice = "all" | readonly number[];

/** `ListenerFilterChainMatchPredicate`. */
export type FilterPredicate =
  | { readonly kind: "or" | "and"; readonly rules: readonly FilterPredicate[] }
  | { readonly kind: "not"; readonly rule: FilterPredicate }
  | { readonly kind: "any" }
  /** From `start` to before `end`. */
  | { readonly kind: "port"; readonly start: number; readonly end: number };

/** What a matcher looks at. */
export type MatchInput =
  | { readonly kind: ConnectionInput }
  | { readonly kind: "filter-state"; readonly key: string };

/** Facts of a connection that matchers may look at. */
export type ConnectionInput =
  | "destination-ip"
  | "destination-port"
  | "source-ip"
  | "source-port"
  | "direct-source-ip"
  | "source-type"
  | "server-name"
  | "transport-protocol"
  | "application-protocol";

/** What follows from a match: another matcher, or the name of a filter chain. */
export type MatchOutcome =
  | { readonly kind: "matcher"; readonly matcher: ChainMatcherModel }
  | { readonly kind: "chain"; readonly name: string };

/** `filter_chain_matcher`: an `xds.type.matcher.v3.Matcher` that names filter chains. */
export interface ChainMatcherModel {
  readonly rule: MatchRule | null;
  readonly onNoMatch: MatchOutcome | null;
}

/** One of the kinds of matchers. */
export type MatchRule =
  | { readonly kind: "list"; readonly matchers: readonly FieldMatch[] }
  | {
      readonly kind: "exact" | "prefix";
      readonly input: MatchInput;
      readonly map: ReadonlyMap<string, MatchOutcome>;
    }
  | {
      readonly kind: "ranges";
      readonly input: MatchInput;
      readonly ranges: readonly RangeMatch[];
    };

/** One row of a list. */
export interface FieldMatch {
  readonly predicate: MatchPredicate;
  readonly outcome: MatchOutcome;
}

/** A condition on facts of a connection. */
export type MatchPredicate =
  | { readonly kind: "or" | "and"; readonly predicates: readonly MatchPredicate[] }
  | { readonly kind: "not"; readonly predicate: MatchPredicate }
  | { readonly kind: "value"; readonly input: MatchInput; readonly value: TextMatch }
  | { readonly kind: "range"; readonly input: MatchInput; readonly ranges: readonly string[] };

/** A `StringMatcher`. */
export interface TextMatch {
  readonly how: "exact" | "prefix" | "suffix" | "contains" | "regex";
  /** In lower case when case is ignored. */
  readonly value: string;
  readonly ignoresCase: boolean;
}

/** One of several sets of address ranges. */
export interface RangeMatch {
  /** CIDR ranges as `address/bits`. */
  readonly ranges: readonly string[];
  readonly outcome: MatchOutcome;
  /** Counts only where no closer range holds the address. */
  readonly isExclusive: boolean;
}
