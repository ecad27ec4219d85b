import { type Place, ratioBetween, type Sample, type Spread, spreadAt } from "./sample.ts";

/** A target of the design: our figure, as a ratio of another, may be this much at most. */
export interface Target {
  readonly title: string;
  readonly place: Place;
  readonly reference: Place;
  readonly ratioMax: number;
}

/** A target, and what became of it. */
export interface Verdict {
  readonly target: Target;
  readonly ours: Spread | null;
  readonly theirs: Spread | null;
  readonly ratio: Spread | null;
  readonly outcome: "met" | "missed" | "no figure";
}

/** The targets of the design that this bench measures so far. */
export const TARGETS: readonly Target[] = [
  against("envoy", "HTTP/1.1, router only", "router", "cpuPerRequestUs", 0.33),
  against("nginx", "HTTP/1.1, router only", "router", "cpuPerRequestUs", 1.15),
  against("envoy", "Access log, header edits", "access-log", "cpuPerRequestUs", 0.35),
  against("envoy", "p99 at half of Envoy's rate", "latency", "p99Us", 1),
  itself("10,000 routes against 1", "routes-10000"),
  itself("1,000 clusters against 1", "clusters-1000"),
  against("envoy", "Memory at rest", "memory", "restBytes", 1.2),
  against("envoy", "Memory per idle connection", "memory", "idleConnectionBytes", 1),
  against("envoy", "HTTP/1.1 in TLS 1.3", "tls-http1", "cpuPerRequestUs", 0.45),
  against("envoy", "Memory per idle connection in TLS", "memory-tls", "idleConnectionBytes", 1),
  against("envoy", "HTTP/2 → HTTP/1.1", "h2-http1", "cpuPerRequestUs", 0.4),
  against("nginx", "HTTP/2 → HTTP/1.1", "h2-http1", "cpuPerRequestUs", 1),
  against("envoy", "HTTP/2 → HTTP/2", "h2-h2", "cpuPerRequestUs", 0.5),
  against("envoy", "gRPC, unary", "grpc-unary", "cpuPerRequestUs", 0.5),
  against("envoy", "Memory per idle connection of HTTP/2", "memory-h2", "idleConnectionBytes", 1),
  against("envoy", "HBONE waypoint", "hbone", "cpuPerRequestUs", 0.4),
];

/** Rows of the design that have no case here yet, for the report to say so. */
export const UNMEASURED_TARGETS: readonly string[] = [
  "RBAC, fault, CORS and local rate limit beside the access log",
  "Proxy-Wasm plugins",
  "ztunnel",
  "control plane",
];

/** Compares every target whose case was run. */
export function judgeTargets(
  samples: readonly Sample[],
  targets: readonly Target[] = TARGETS,
): Verdict[] {
  const hasRun = (place: Place) => samples.some(({ caseName }) => caseName === place.caseName);
  return targets
    .filter(({ place }) => hasRun(place))
    .map((target) => {
      const ratio = ratioBetween(samples, target.place, target.reference);
      return {
        target,
        ratio,
        ours: spreadAt(samples, target.place),
        theirs: spreadAt(samples, target.reference),
        outcome: toOutcome(ratio, target.ratioMax),
      };
    });
}

function toOutcome(ratio: Spread | null, ratioMax: number): Verdict["outcome"] {
  if (ratio === null) return "no figure";
  return ratio.median <= ratioMax ? "met" : "missed";
}

function against(
  peer: "envoy" | "nginx",
  title: string,
  caseName: string,
  figure: Place["figure"],
  ratioMax: number,
): Target {
  const place: Place = { caseName, peer: "causeway", figure };
  return { title, place, reference: { ...place, peer }, ratioMax };
}

function itself(title: string, caseName: string): Target {
  const place: Place = { caseName, peer: "causeway", figure: "cpuPerRequestUs" };
  return { title, place, reference: { ...place, caseName: "routes-1" }, ratioMax: 1.05 };
}
