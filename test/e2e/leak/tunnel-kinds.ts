import type { Turn } from "../../support/soak.ts";
import type { TunnelEnd } from "../upgrade/tunnel-end.ts";
import type { TunnelUpstream } from "../upgrade/tunnel-upstream.ts";

/** What a client asks the far end of a tunnel for; all orders are as long. */
const ORDERS = { echo: "echo", end: "end ", reset: "rst ", cut: "cut " } as const;
const ORDER_LENGTH = 4;
/** Digits of a length. */
const LENGTH_DIGITS = 7;
const BYE = "bye";
/** More than a read takes. */
const LARGE = "x".repeat(150_000);
/** How often an upstream agrees before it refuses once. */
const REFUSALS_APART = 9;

/** A way to the far end of a tunnel. */
export interface OpenTunnel {
  /** Null when the tunnel was refused. */
  readonly end: TunnelEnd | null;
  /** Closes what carries the tunnel. */
  close(): void;
}

/** Accepts tunnels and does in them as the clients say; refuses some where it is asked first. */
export async function obeyAll(upstream: TunnelUpstream, mayRefuse: boolean): Promise<never> {
  for (let count = 1; ; count++) {
    const ask = await upstream.next();
    if (mayRefuse && count % REFUSALS_APART === 0) {
      ask.refuse(503, "no");
      continue;
    }
    const end = ask.accept();
    // Who gives a tunnel up takes back what was ordered.
    void obey(end).catch(() => end.stream.destroy());
  }
}

/** Does what is asked for at the other end of a tunnel. */
async function obey(end: TunnelEnd): Promise<void> {
  switch (await end.read(ORDER_LENGTH)) {
    case ORDERS.echo: {
      end.write(await end.read(Number(await end.read(LENGTH_DIGITS))));
      await end.readToEnd();
      end.end();
      break;
    }
    case ORDERS.end:
      end.end(BYE);
      await end.readToEnd();
      break;
    case ORDERS.reset:
      end.reset();
      break;
    case ORDERS.cut:
      end.write(LARGE);
      end.reset();
      break;
  }
}

/** What clients do with tunnels; `open` opens a new one. */
export function toTunnelKinds(open: () => Promise<OpenTunnel>): Record<string, Turn> {
  const visit = (play: (end: TunnelEnd) => unknown): Turn => {
    return async () => {
      const { end, close } = await open();
      if (end !== null) await play(end);
      close();
    };
  };
  const echo = (text: string): Turn =>
    visit(async (end) => {
      end.write(`${ORDERS.echo}${String(text.length).padStart(LENGTH_DIGITS, "0")}${text}`);
      // A tunnel may end early where the far end refuses only once it is asked.
      await end.read(text.length).catch(() => "");
      end.end();
      await end.readToEnd();
    });
  return {
    echo: echo("hello"),
    "large echo": echo(LARGE),
    "ended by the upstream": visit(async (end) => {
      end.write(ORDERS.end);
      await end.readToEnd();
      end.end();
    }),
    "half closed": visit(async (end) => {
      end.end(ORDERS.end);
      await end.readToEnd();
    }),
    "reset by the upstream": visit((end) => {
      end.write(ORDERS.reset);
      return end.readToEnd();
    }),
    "cut by the upstream": visit((end) => {
      end.write(ORDERS.cut);
      return end.readToEnd();
    }),
    "reset by the client": visit((end) => {
      end.write(`${ORDERS.echo}0900000half`);
      end.reset();
    }),
    "cut by the client": visit((end) => {
      end.write(`${ORDERS.echo}0900000${LARGE}`);
      end.reset();
    }),
    silent: visit((end) => end.end()),
  };
}
