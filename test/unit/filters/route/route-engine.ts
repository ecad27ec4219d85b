import { createRegistry, fromJson, type JsonObject } from "@bufbuild/protobuf";
import { H_AUTHORITY, H_METHOD, H_PATH, H_SCHEME } from "../../../../api/engine/header-names.ts";
import {
  CLUSTER_BYTES,
  CLUSTER_NAME,
  HCM_BYTES,
  HCM_DURATION_MAX_MS,
  HCM_ROUTE_CONFIG,
  HCM_STREAM_IDLE_TIMEOUT_MS,
  IMAGE_CLUSTERS,
  IMAGE_HEADER_BYTES,
} from "../../../../api/engine/image.ts";
import {
  STREAM_CLUSTER,
  STREAM_DURATION_MAX_MS,
  STREAM_IDLE_TIMEOUT_MS,
  STREAM_RESPONSE_FLAGS,
  STREAM_ROUTE,
  STREAM_STATE,
  STREAM_STATUS,
  STREAM_TIMEOUT_MS,
  STREAM_TRY_DURATION_MAX_MS,
  STREAM_TRY_TIMEOUT_MS,
} from "../../../../api/engine/layout.ts";
import { RouteConfigurationSchema } from "../../../../api/gen/envoy/config/route/v3/route_pb.js";
import { AllowListedRoutesConfigSchema } from "../../../../api/gen/envoy/extensions/internal_redirect/allow_listed_routes/v3/allow_listed_routes_config_pb.js";
import { PreviousRoutesConfigSchema } from "../../../../api/gen/envoy/extensions/internal_redirect/previous_routes/v3/previous_routes_config_pb.js";
import { SafeCrossSchemeConfigSchema } from "../../../../api/gen/envoy/extensions/internal_redirect/safe_cross_scheme/v3/safe_cross_scheme_config_pb.js";
import { UriTemplateMatchConfigSchema } from "../../../../api/gen/envoy/extensions/path/match/uri_template/v3/uri_template_match_pb.js";
import { UriTemplateRewriteConfigSchema } from "../../../../api/gen/envoy/extensions/path/rewrite/uri_template/v3/uri_template_rewrite_pb.js";
import { compileRouteConfiguration } from "../../../../proxy/config/compile/route/route-configuration.ts";
import type { RouteSetting } from "../../../../proxy/config/compile/route/route-setting.ts";
import { FieldPath } from "../../../../proxy/config/field-path.ts";
import { ImageWriter } from "../../../../proxy/config/image/image-writer.ts";
import { openRouteModule, type RouteExports } from "./route-module.ts";

const registry = createRegistry(
  UriTemplateMatchConfigSchema,
  UriTemplateRewriteConfigSchema,
  AllowListedRoutesConfigSchema,
  PreviousRoutesConfigSchema,
  SafeCrossSchemeConfigSchema,
);

/** Clusters that exist in every configuration under test. */
const CLUSTERS = ["alpha", "beta", "gamma"];
/** What the connection manager under test says. */
export const HCM_IDLE_TIMEOUT_MS = 300_000;

/** A request as the connection manager hands it on. Headers are pairs, in order. */
export interface TestRequest {
  readonly method?: string;
  readonly path?: string;
  readonly authority?: string;
  readonly scheme?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly random?: bigint;
}

/** What `selectRoute` made of a request. */
export interface Selection {
  readonly result: number;
  readonly status: number;
  /** Names, or `null` where there is none. */
  readonly virtualHost: string | null;
  readonly route: string | null;
  readonly cluster: string | null;
  readonly timeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly durationMaxMs: number;
  readonly details: string;
  readonly body: string;
  /** Routes and path nodes looked at. */
  readonly visited: number;
}

/** The times of a stream, and what its request says then. */
export interface Times {
  readonly timeoutMs: number;
  readonly tryTimeoutMs: number;
  readonly tryDurationMaxMs: number;
  readonly state: number;
  readonly headers: [string, string][];
}

/** A context that knows `CLUSTERS` and nothing else. */
export function testContext(overrides: Partial<RouteSetting> = {}): RouteSetting {
  return {
    clusterNames: CLUSTERS,
    clusterIndex(name) {
      const index = CLUSTERS.indexOf(name);
      return index < 0 ? undefined : index;
    },
    isDynamic: false,
    compileFormat: () => 0,
    runtimeFraction: () => undefined,
    fileContent: () => new Uint8Array(),
    environmentContent: () => new Uint8Array(),
    compileFilterConfig: () => null,
    ...overrides,
  };
}

/** An image with one connection manager that uses a route configuration. */
export interface TestImage {
  readonly bytes: Uint8Array;
  readonly hcm: number;
  readonly routes: number;
}

/** Compiles a route configuration given as JSON. */
export function buildImage(config: JsonObject, context: RouteSetting = testContext()): TestImage {
  const writer = new ImageWriter();
  writer.reserve(IMAGE_HEADER_BYTES);
  const clusters = writer.reserve(CLUSTER_BYTES * context.clusterNames.length);
  context.clusterNames.forEach((name, index) => {
    writer.setText(clusters + index * CLUSTER_BYTES + CLUSTER_NAME, name);
  });
  writer.setList(IMAGE_CLUSTERS, clusters, context.clusterNames.length);
  const hcm = writer.reserve(HCM_BYTES);
  writer.setUint32(hcm + HCM_STREAM_IDLE_TIMEOUT_MS, HCM_IDLE_TIMEOUT_MS);
  writer.setUint32(hcm + HCM_DURATION_MAX_MS, 0);
  const message = fromJson(RouteConfigurationSchema, config, { registry });
  const path = FieldPath.root.field("route_config");
  const routes = compileRouteConfiguration(writer, message, context, path);
  writer.setUint32(hcm + HCM_ROUTE_CONFIG, routes);
  return { bytes: writer.finish(), hcm, routes };
}

/** The routing of the engine with one route configuration. */
export class RouteEngine {
  readonly #exports: RouteExports;
  readonly #scratch: number;
  #used = 0;
  #image = 0;
  #hcm = 0;

  private constructor(exports: RouteExports) {
    this.#exports = exports;
    this.#scratch = exports.allocate(1 << 20);
  }

  /** Compiles the AssemblyScript if need be. */
  static async open(): Promise<RouteEngine> {
    return new RouteEngine(await openRouteModule());
  }

  /** Puts an image in the place of the last one. */
  load(image: TestImage): void {
    if (this.#image !== 0) this.#exports.release(this.#image);
    this.#image = this.#exports.allocate(image.bytes.length + 16);
    this.#bytes.set(image.bytes, this.#image);
    this.#hcm = this.#image + image.hcm;
  }

  /** Routes a request and forgets it. */
  select(request: TestRequest): Selection {
    const stream = this.open(request);
    const selection = this.selectOpen(stream);
    this.#exports.close(stream);
    return selection;
  }

  /** A stream whose request is ready for `selectOpen`. */
  open(request: TestRequest): number {
    this.#used = 0;
    const stream = this.#exports.open(this.#image, this.#hcm, request.random ?? 0n);
    this.#pseudo(stream, 0, H_METHOD, request.method ?? "GET");
    this.#pseudo(stream, 1, H_PATH, request.path ?? "/");
    this.#pseudo(stream, 2, H_AUTHORITY, request.authority ?? "shop.example");
    this.#pseudo(stream, 3, H_SCHEME, request.scheme ?? "http");
    for (const [name, value] of request.headers ?? []) this.#put(stream, 0, name, value);
    return stream;
  }

  /** Routes the request of an open stream. */
  selectOpen(stream: number): Selection {
    const before = this.#exports.visitedCandidates();
    const result = this.#exports.select(stream);
    const cluster = this.#int(stream + STREAM_CLUSTER);
    return {
      result,
      status: this.#int(stream + STREAM_STATUS),
      virtualHost: this.#name(this.#int(stream + this.#exports.offsetOf(0))),
      route: this.#name(this.#int(stream + STREAM_ROUTE)),
      cluster: cluster < 0 ? null : CLUSTERS[cluster],
      timeoutMs: this.#int(stream + STREAM_TIMEOUT_MS),
      idleTimeoutMs: this.#int(stream + STREAM_IDLE_TIMEOUT_MS),
      durationMaxMs: this.#int(stream + STREAM_DURATION_MAX_MS),
      details: this.#text(stream, 2, 3),
      body: this.#text(stream, 4, 5),
      visited: this.#exports.visitedCandidates() - before,
    };
  }

  /** Sets a number of the connection manager of the image that is loaded. */
  setManager(field: number, value: number): void {
    this.#bytes.writeUInt32LE(value, this.#hcm + field);
  }

  /** Settles the times of a request that was routed; the stream is over. */
  settle(stream: number): Times {
    this.#exports.settle(stream);
    const times = {
      timeoutMs: this.#int(stream + STREAM_TIMEOUT_MS),
      tryTimeoutMs: this.#int(stream + STREAM_TRY_TIMEOUT_MS),
      tryDurationMaxMs: this.#int(stream + STREAM_TRY_DURATION_MAX_MS),
      state: this.#int(stream + STREAM_STATE),
      headers: this.headers(stream, false).filter(([name]) => !name.startsWith(":")),
    };
    this.#exports.close(stream);
    return times;
  }

  /** The reply to a request whose headers do not stand the check, or `null`; the stream is over. */
  check(stream: number) {
    const isValid = this.#exports.check(stream) !== 0;
    const reply = {
      status: this.#int(stream + STREAM_STATUS),
      flags: this.#int(stream + STREAM_RESPONSE_FLAGS),
      details: this.#text(stream, 2, 3),
      body: this.#text(stream, 4, 5),
    };
    this.#exports.close(stream);
    return isValid ? null : reply;
  }

  /** The request's headers without those that steer retries; the stream is over. */
  dropRetry(stream: number): [string, string][] {
    this.#exports.dropRetry(stream);
    const headers = this.headers(stream, false).filter(([name]) => !name.startsWith(":"));
    this.#exports.close(stream);
    return headers;
  }

  /** The request's headers as they go upstream; the stream is over. */
  finishRequest(stream: number): [string, string][] {
    this.#exports.finish(stream, 0);
    const headers = this.headers(stream, false);
    this.#exports.close(stream);
    return headers;
  }

  /** A response's headers as they go downstream; the stream is over. */
  finishResponse(stream: number, headers: readonly (readonly [string, string])[]) {
    for (const [name, value] of headers) this.#put(stream, 1, name, value);
    this.#exports.finish(stream, 1);
    const finished = this.headers(stream, true);
    this.#exports.close(stream);
    return finished;
  }

  /** The headers of a block; pseudo-headers come first. */
  headers(stream: number, isResponse: boolean): [string, string][] {
    const target = this.#scratch + (1 << 19);
    const length = this.#exports.dump(stream, isResponse ? 1 : 0, target);
    const lines = this.#read(target, length).split("\n").slice(0, -1);
    return lines.map((line) => {
      const space = line.indexOf(" ");
      return [line.slice(0, space), line.slice(space + 1)];
    });
  }

  /** Ends a stream without looking at it. */
  close(stream: number): void {
    this.#exports.close(stream);
  }

  /** Bytes that the engine's memory has in use. */
  get bytesInUse(): number {
    return this.#exports.bytesInUse();
  }

  get #bytes(): Buffer {
    return Buffer.from(this.#exports.memory.buffer);
  }

  #put(stream: number, isResponse: number, name: string, value: string): void {
    const [nameAt, nameLength] = this.#place(name);
    const [valueAt, valueLength] = this.#place(value);
    this.#exports.put(stream, isResponse, nameAt, nameLength, valueAt, valueLength);
  }

  #pseudo(stream: number, place: number, id: number, value: string): void {
    if (value === "") return;
    const [at, length] = this.#place(value);
    this.#exports.putPseudo(stream, 0, place, id, at, length);
  }

  #place(text: string): [number, number] {
    const at = this.#scratch + this.#used;
    const length = this.#bytes.write(text, at);
    this.#used += length + 16;
    return [at, length];
  }

  #name(record: number): string | null {
    if (record === 0) return null;
    return this.#read(this.#image + this.#int(record), this.#int(record + 4));
  }

  #text(stream: number, field: number, lengthField: number): string {
    const at = this.#int(stream + this.#exports.offsetOf(field));
    return this.#read(at, this.#int(stream + this.#exports.offsetOf(lengthField)));
  }

  #read(at: number, length: number): string {
    return this.#bytes.toString("utf8", at, at + length);
  }

  #int(address: number): number {
    return this.#bytes.readInt32LE(address);
  }
}
