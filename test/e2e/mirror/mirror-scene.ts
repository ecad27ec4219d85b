import { type Part, type ProxySketch, TestProxy, toCluster } from "../../support/proxy-sketch.ts";
import type { RawConnection, RawMessage } from "../../support/raw-connection.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";

/** A port that nothing listens on. */
export const REFUSED_PORT = 1;

/** The beginning of a request with a body. */
export const POST = "POST / HTTP/1.1\r\nhost: test\r\n";

/** The head of a request with ten bytes of body. */
export const LENGTH = `${POST}content-length: 10\r\n\r\n`;

/** The head of a request with a body in chunks. */
export const CHUNKED = `${POST}transfer-encoding: chunked\r\n\r\n`;

/** A proxy whose requests to the cluster `up` are mirrored to `shadow`; both are played by hand. */
export class MirrorScene {
  readonly up: RawUpstream;
  readonly shadow: RawUpstream;
  readonly proxy: TestProxy;

  private constructor(up: RawUpstream, shadow: RawUpstream, proxy: TestProxy) {
    this.up = up;
    this.shadow = shadow;
    this.proxy = proxy;
  }

  /**
   * Starts it with what differs from the plain proxy.
   *
   * @param cluster Fields of the mirror's cluster.
   */
  static async start(sketch: Partial<ProxySketch> = {}, cluster: Part = {}): Promise<MirrorScene> {
    const [up, shadow] = [await RawUpstream.listen(), await RawUpstream.listen()];
    const { action = {}, moreClusters = [], ...more } = sketch;
    const proxy = await TestProxy.start({
      endpoints: [up.port],
      action: { request_mirror_policies: [{ cluster: "shadow" }], ...action },
      moreClusters: [toCluster("shadow", [shadow.port], { cluster }), ...moreClusters],
      ...more,
    });
    return new MirrorScene(up, shadow, proxy);
  }

  /** Reads the first request of the next connection of each. */
  async readBoth(): Promise<{
    link: RawConnection;
    mirror: RawConnection;
    asked: RawMessage;
    mirrored: RawMessage;
  }> {
    const [link, mirror] = await this.acceptBoth();
    const [asked, mirrored] = await Promise.all([link.readMessage(), mirror.readMessage()]);
    return { link, mirror, asked, mirrored };
  }

  /** The next connections of the cluster and of the mirror. */
  acceptBoth(): Promise<[RawConnection, RawConnection]> {
    return Promise.all([this.up.accept(), this.shadow.accept()]);
  }

  async stop(): Promise<void> {
    await this.proxy.stop();
    this.up.close();
    this.shadow.close();
  }
}
