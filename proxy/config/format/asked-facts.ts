/**
 * Which facts of TLS some formats ask for, as bits `1 << FACT_*`. Filled while they are compiled,
 * so that connections tell only what somebody wants to know.
 */
export class AskedFacts {
  downstream = 0;
  upstream = 0;
}
