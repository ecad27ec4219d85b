import { get, post, raw } from "../pair/request.ts";
import {
  answer,
  ask,
  IMPATIENT,
  limitConnections,
  type Scenario,
  serve,
  take,
} from "./scenario.ts";

const head = raw("HTTP/1.1 200 OK", "content-length: 10");
const chunked = raw("HTTP/1.1 200 OK", "transfer-encoding: chunked");

/** What upstreams do. */
export const UPSTREAM_SCENARIOS: readonly Scenario[] = [
  {
    name: "upstream-closes-idle",
    async play(stage) {
      const client = await stage.connect();
      client.write(get("/"));
      const link = await take(stage);
      link.write(answer(200));
      await client.readMessage();
      link.end();
      await link.readToEnd();
      client.close();
    },
  },
  {
    name: "upstream-asks-to-close",
    async play(stage) {
      serve(stage, answer(200, "connection: close"));
      await ask(stage, get("/"));
    },
  },
  {
    name: "upstream-speaks-unasked",
    async play(stage) {
      const client = await stage.connect();
      client.write(get("/"));
      const link = await take(stage);
      link.write(answer(200));
      await client.readMessage();
      link.write("hello");
      await link.readToEnd();
      client.close();
    },
  },
  ...["closes", "resets"].flatMap((verb): Scenario[] => {
    const breaks = (name: string, sent: string, asked = get("/")): Scenario => ({
      name: `upstream-${verb}-${name}`,
      manager: IMPATIENT,
      async play(stage) {
        const client = await stage.connect();
        client.write(asked);
        const link = await take(stage);
        link.write(sent);
        if (sent.includes("hi")) await client.readUntil("hi");
        if (verb === "closes") link.end();
        else link.reset();
        if (sent.includes("hi")) await client.readToEnd();
        else await client.readMessage();
        client.close();
      },
    });
    return [
      breaks("before-response", ""),
      breaks("before-response-to-post", "", post("/", "hello")),
      breaks("in-head", "HTTP/1.1 200 OK\r\nx-a"),
      breaks("in-body", `${head}hi`),
      breaks("in-chunk", `${chunked}5\r\nhi`),
    ];
  }),
  {
    name: "body-until-close",
    async play(stage) {
      const client = await stage.connect();
      client.write(get("/"));
      const link = await take(stage);
      link.write(`${raw("HTTP/1.1 200 OK")}hi`);
      link.end();
      await client.readMessage();
      client.close();
    },
  },
  {
    name: "malformed-response",
    async play(stage) {
      serve(stage, "garbage\r\n\r\n");
      await ask(stage, get("/"));
    },
  },
  {
    name: "malformed-chunk",
    manager: IMPATIENT,
    async play(stage) {
      const client = await stage.connect();
      client.write(get("/"));
      const link = await take(stage);
      link.write(`${chunked}2\r\nhi\r\n`);
      await client.readUntil("hi");
      link.write("zz\r\n");
      await client.readToEnd();
      client.close();
    },
  },
  {
    name: "many-response-headers",
    async play(stage) {
      serve(stage, answer(200, ...Array.from({ length: 101 }, (_, n) => `x-${n}: v`)));
      await ask(stage, get("/"));
    },
  },
  {
    name: "early-response",
    async play(stage) {
      const client = await stage.connect();
      client.write(`${raw("POST / HTTP/1.1", "host: a.test", "content-length: 10")}hi`);
      const link = await take(stage);
      link.write(answer(200));
      await client.readMessage();
      client.close();
    },
  },
  {
    name: "refused",
    ports: [1],
    play: (stage) => ask(stage, get("/")),
  },
  {
    name: "no-endpoint",
    ports: [],
    play: (stage) => ask(stage, get("/")),
  },
  {
    name: "replayed",
    async play(stage) {
      const client = await stage.connect();
      client.write(get("/"));
      const link = await take(stage);
      link.write(answer(200));
      await client.readMessage();
      client.write(get("/"));
      await link.readHead();
      stage.upstream.serve(async (_, next) => next.write(answer(200)));
      link.end();
      await client.readMessage();
      client.close();
    },
  },
  {
    name: "many-at-once",
    async play(stage) {
      const clients = await Promise.all([stage.connect(), stage.connect(), stage.connect()]);
      for (const client of clients) client.write(get("/"));
      const links = [await take(stage), await take(stage), await take(stage)];
      for (const link of links) link.write(answer(200));
      for (const client of clients) {
        await client.readMessage();
        client.close();
      }
    },
  },
  {
    name: "one-request-each",
    cluster: limitConnections({ max_requests_per_connection: 1 }),
    async play(stage) {
      serve(stage, answer(200));
      await ask(stage, get("/"));
      await ask(stage, get("/"));
    },
  },
  {
    name: "no-route",
    routes: [],
    play: (stage) => ask(stage, get("/")),
  },
  {
    name: "direct-response",
    routes: [{ match: { prefix: "/" }, direct_response: { status: 403 } }],
    play: (stage) => ask(stage, get("/")),
  },
  {
    name: "redirect",
    routes: [{ match: { prefix: "/" }, redirect: { path_redirect: "/" } }],
    play: (stage) => ask(stage, get("/")),
  },
  {
    name: "no-cluster",
    routes: [{ match: { prefix: "/" }, route: { cluster_header: "x-cluster" } }],
    play: (stage) => ask(stage, get("/", "x-cluster: nowhere")),
  },
  {
    name: "direct-response-to-a-body",
    routes: [{ match: { prefix: "/" }, direct_response: { status: 200 } }],
    async play(stage) {
      const client = await stage.connect();
      client.write(`${raw("POST / HTTP/1.1", "host: a.test", "content-length: 10")}hi`);
      await client.readMessage();
      client.close();
    },
  },
];
