import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type ProxySketch, TestProxy } from "../../support/proxy-sketch.ts";
import { requirePeer } from "../../support/mocha/skip.ts";
import { makeCertificate } from "../../support/tls/certificate.ts";
import { downstreamTls, inlineCertificate } from "../../support/tls/sketch.ts";

const run = promisify(execFile);
const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const SERVER = makeCertificate({ subject: [["CN", "server"]], dns: ["a.test"], issuer: ROOT });
/** Cases of h2spec 2.2.1 with --strict. */
const CASES_MIN = 146;

/** Test cases as a JUnit report counts them. */
interface Verdict {
  readonly tests: number;
  readonly skipped: number;
  /** Names of those that failed. */
  readonly failed: readonly string[];
}

function readVerdict(report: string): Verdict {
  const cases = [...report.matchAll(/<testcase\b([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs)];
  const named = (part: RegExp): string[] =>
    cases.filter(([, , body = ""]) => part.test(body)).map(([, attributes]) => attributes.trim());
  return {
    tests: cases.length,
    skipped: named(/<skipped/).length,
    failed: named(/<(?:failure|error)\b/),
  };
}

/** Answers requests when they are whole: many cases are about streams that are still open. */
class WholeRequests {
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async listen(): Promise<WholeRequests> {
    const server = createServer((request, response) => {
      request.on("error", () => {}).on("end", () => response.end("hello, world"));
      request.resume();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    return new WholeRequests(server, address instanceof Object ? address.port : 0);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

describe("h2spec", function () {
  // It waits for a second or two in some of its cases.
  this.timeout(120_000);
  const ways: readonly { name: string; flags: readonly string[]; chain: ProxySketch["chain"] }[] = [
    { name: "in the clear", flags: [], chain: {} },
    {
      name: "in TLS",
      flags: ["--tls", "--insecure"],
      chain: {
        transport_socket: downstreamTls({
          tls_certificates: [inlineCertificate(SERVER)],
          alpn_protocols: ["h2"],
        }),
      },
    },
  ];
  let upstream: WholeRequests;
  before(async () => {
    upstream = await WholeRequests.listen();
  });
  after(() => upstream.close());
  for (const { name, flags, chain = {} } of ways) {
    it(`h2spec, strict: nothing fails and nothing is skipped ${name}`, async function () {
      const program = requirePeer(this, "h2spec");
      const folder = mkdtempSync(join(tmpdir(), "causeway-h2spec-"));
      const report = join(folder, "report.xml");
      const proxy = await TestProxy.start({
        endpoints: [upstream.port],
        // A case about too many streams wants a limit.
        manager: { codec_type: "HTTP2", http2_protocol_options: { max_concurrent_streams: 100 } },
        chain,
      });
      try {
        const where = ["--host", "127.0.0.1", "--port", `${proxy.port}`];
        const how = ["--strict", "--timeout", "5", "--junit-report", report];
        // Its exit code says less than its report.
        await run(program, [...where, ...how, ...flags]).catch(() => undefined);
        const { tests, skipped, failed } = readVerdict(readFileSync(report, "utf8"));
        assert.deepEqual(failed, []);
        assert.equal(skipped, 0);
        assert.ok(tests >= CASES_MIN, `${tests} cases`);
      } finally {
        await proxy.stop();
        rmSync(folder, { recursive: true });
      }
    });
  }
});
