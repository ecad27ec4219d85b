import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { parse } from "yaml";
import { startProxy } from "../../support/start-proxy.ts";
import {
  makeLogFolder,
  openSession,
  Pods,
  Tunnel,
  waypointConfig,
} from "../../e2e/waypoint/waypoint-scene.ts";
import { requirePeer } from "../../support/mocha/skip.ts";
import { startEnvoy } from "../pair/envoy.ts";

const REVIEWS = "10.96.0.10:80";
const DB = "10.96.0.20:5432";

/** Statistics of what is within the proxy, and of the way in and out. */
const COUNTED = new RegExp(
  "^listener\\.envoy_internal_\\w+\\.(downstream_cx_total|no_filter_chain_match)$|" +
    "^tcp\\.[\\w-]+\\.downstream_cx_(total|no_route)$|" +
    "^http\\.(reviews|remote|direct-http)\\.downstream_(cx|rq)_total$|" +
    "^http\\.connect_terminate\\.downstream_rq_(total|5xx)$|" +
    "^cluster\\.\\w+\\.(upstream_rq_total|upstream_cx_connect_fail|upstream_rq_503)$|" +
    "^cluster\\.(main_internal|encap|reviews|db|remote)\\.upstream_cx_total$",
);

/** What is put into a tunnel, and what is waited for before it is closed. */
interface Visit {
  readonly authority: string;
  readonly send: string;
  readonly until: string;
}

const request = (path: string, headers = ""): string =>
  `GET ${path} HTTP/1.1\r\nhost: a\r\n${headers}\r\n`;

const VISITS: Readonly<Record<string, Visit>> = {
  "a service": { authority: REVIEWS, send: request("/a"), until: "/a 0 " },
  "two requests": { authority: REVIEWS, send: request("/a") + request("/b"), until: "/b 0 " },
  "a route by a header": {
    authority: REVIEWS,
    send: request("/a", "end-user: jason\r\n"),
    until: "/a 0 ",
  },
  "a service of TCP": { authority: DB, send: "hello", until: "hello" },
  "a pod in HTTP": { authority: "127.0.0.1:9080", send: request("/a"), until: "/a 0 " },
  "a pod in TCP": { authority: "127.0.0.1:9081", send: "hello\n", until: "hello\n" },
  "another network": { authority: "10.96.0.30:80", send: request("/a"), until: "/a 0 " },
  "no service": { authority: "10.96.0.99:80", send: request("/a"), until: "never" },
  "no port of a service": { authority: "10.96.0.10:81", send: request("/a"), until: "never" },
  "no address": { authority: "reviews.shop:80", send: "", until: "never" },
  IPv6: { authority: "[2001:db8::1]:80", send: request("/a"), until: "never" },
};

/** What one proxy did. */
interface Outcome {
  readonly answers: Readonly<Record<string, string>>;
  readonly lines: readonly string[];
  readonly stats: Readonly<Record<string, number>>;
  readonly authorities: readonly string[];
}

describe("differential waypoint", function () {
  this.timeout(60_000);
  let envoy: Outcome;
  let ours: Outcome;

  before(async function () {
    const program = requirePeer(this, "envoy");
    envoy = await play(async (config) => {
      const running = await startEnvoy(program, config);
      return { ...running, port: running.ports.get("connect_terminate") ?? 0 };
    });
    ours = await play(async (config) => {
      const running = await startProxy({ config });
      const { port } = running.listenerAddresses[0];
      return { port, readStats: () => running.readStats(), stop: () => running.stop() };
    });
  });

  for (const name of Object.keys(VISITS)) {
    it(`${name}: both do the same`, () => {
      assert.equal(ours.answers[name], envoy.answers[name]);
    });
  }

  it("pods: both open the same tunnels", () => {
    assert.deepEqual(ours.authorities, envoy.authorities);
  });

  it("log: both write the same lines", () => {
    assert.ok(envoy.lines.length > 20);
    assert.deepEqual(ours.lines, envoy.lines);
  });

  it("statistics: both count the same", () => {
    assert.ok(Object.keys(envoy.stats).length > 15);
    assert.deepEqual(ours.stats, envoy.stats);
  });
});

/** Starts a proxy with pods of its own, and visits all. */
async function play(
  start: (config: string) => Promise<{
    readonly port: number;
    readStats(): Promise<ReadonlyMap<string, number>>;
    stop(): Promise<void>;
  }>,
): Promise<Outcome> {
  const pods = await Pods.start();
  const log = makeLogFolder();
  const proxy = await start(JSON.stringify(parse(waypointConfig(pods, log.path))));
  try {
    const answers: Record<string, string> = {};
    for (const [name, visit] of Object.entries(VISITS)) {
      answers[name] = await goTo(proxy.port, visit);
    }
    // Connections within the proxy are closed a little later.
    await setTimeout(300);
    const stats = [...(await proxy.readStats())].filter(
      ([name, value]) => COUNTED.test(name) && value > 0,
    );
    await proxy.stop();
    const text = existsSync(log.path) ? readFileSync(log.path, "utf8") : "";
    const hidden = new RegExp(`:(${proxy.port}|${pods.port}|${pods.gatewayPort})\\b`, "g");
    const lines = text.replaceAll(hidden, ":PORT").trim().split("\n").sort();
    return {
      answers,
      lines,
      stats: Object.fromEntries(stats.sort()),
      authorities: pods.authorities,
    };
  } finally {
    pods.stop();
    log.remove();
  }
}

/** Status of the tunnel, and what came out; then the client ends it, and waits. */
async function goTo(port: number, { authority, send, until }: Visit): Promise<string> {
  const session = await openSession(port);
  const tunnel = await Tunnel.open(session, authority);
  if (send !== "") tunnel.stream.write(send);
  const text = await tunnel.readUntil(until).catch(() => tunnel.text);
  if (tunnel.ending === "open") tunnel.stream.end();
  const ending = await tunnel.untilOver();
  session.close();
  const body = text.split("\r\n\r\n").at(-1);
  // The head says when it was written.
  const told = text.startsWith("HTTP/") ? `${text.slice(9, 12)} ${body}` : text;
  return `${tunnel.status} ${told} ${tunnel.status === 200 ? ending : ""}`;
}
