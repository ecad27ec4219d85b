import { type Part, type ProxySketch, TestProxy, toCluster } from "../../support/proxy-sketch.ts";
import type { RawConnection } from "../../support/raw-connection.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";

/** The answer that leads to `/target`. */
export const FOUND =
  "HTTP/1.1 302 Found\r\nlocation: http://test/target\r\ncontent-length: 0\r\n\r\n";

/** The beginning of a request with a body. */
export const POST = "POST / HTTP/1.1\r\nhost: test\r\n";

/** A proxy that follows redirects of the cluster `up`; `/target` leads to the cluster `other`. */
export class RedirectScene {
  readonly up: RawUpstream;
  readonly other: RawUpstream;
  readonly proxy: TestProxy;

  private constructor(up: RawUpstream, other: RawUpstream, proxy: TestProxy) {
    this.up = up;
    this.other = other;
    this.proxy = proxy;
  }

  /**
   * Starts it with what differs from the plain proxy.
   *
   * @param target Fields of the route to `/target`.
   */
  static async start(sketch: Partial<ProxySketch> = {}, target: Part = {}): Promise<RedirectScene> {
    const [up, other] = [await RawUpstream.listen(), await RawUpstream.listen()];
    const { action = {}, ...more } = sketch;
    const proxy = await TestProxy.start({
      endpoints: [up.port],
      routes: [
        { name: "target", match: { path: "/target" }, route: { cluster: "other" }, ...target },
      ],
      action: { internal_redirect_policy: { redirect_response_codes: [302, 303] }, ...action },
      moreClusters: [toCluster("other", [other.port])],
      ...more,
    });
    return new RedirectScene(up, other, proxy);
  }

  /** Reads a request at `up` and answers it with a redirect; the connections of both. */
  async redirect(answer = FOUND): Promise<[link: RawConnection, target: RawConnection]> {
    const link = await this.up.accept();
    await link.readMessage();
    link.write(answer);
    return [link, await this.other.accept()];
  }

  async stop(): Promise<void> {
    await this.proxy.stop();
    this.up.close();
    this.other.close();
  }
}
