import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Answer, readUrl, sendAnswer } from "./answer.ts";
import { answerCatalog } from "./catalog.ts";
import { answerReviews } from "./reviews.ts";
import { answerStorefront } from "./storefront.ts";

/** One service of the sample shop, listening on 127.0.0.1. */
export interface ShopService {
  readonly name: string;
  readonly port: number;
}

/** The services while they run. */
export interface Shop {
  readonly services: readonly ShopService[];
  /** Closes the listeners and every connection. */
  stop(): Promise<void>;
}

/** Names of the services, in the order of their ports. */
const SHOP_SERVICES = ["storefront", "catalog v1", "catalog v2", "reviews"] as const;

/** Port of the first service; each of the others has the next one. `envoy.yaml` names the same. */
export const SHOP_PORT_DEFAULT = 10_101;

type AnswerRequest = (url: URL, signal: AbortSignal) => Answer | Promise<Answer>;

const ANSWERS: Readonly<Record<(typeof SHOP_SERVICES)[number], AnswerRequest>> = {
  storefront: answerStorefront,
  "catalog v1": (url) => answerCatalog(1, url),
  "catalog v2": (url) => answerCatalog(2, url),
  reviews: answerReviews,
};

/**
 * Starts every service on 127.0.0.1, on `firstPort` and the ports behind it; 0 takes free ones.
 *
 * @throws the error of `listen`, with its `port`, when one is taken; nothing stays open.
 */
export async function startShop(firstPort: number = SHOP_PORT_DEFAULT): Promise<Shop> {
  const servers: Server[] = [];
  const services: ShopService[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map(closeServer));
  };
  try {
    for (const [index, name] of SHOP_SERVICES.entries()) {
      const server = createServer((request, response) => {
        void serve(name, ANSWERS[name], request, response);
      });
      server.listen(firstPort === 0 ? 0 : firstPort + index, "127.0.0.1");
      await once(server, "listening");
      servers.push(server);
      services.push({ name, port: portOf(server) });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { services, stop };
}

async function serve(
  name: string,
  answer: AnswerRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  // Nothing here reads a body; letting it flow keeps the connection usable.
  request.resume();
  const url = readUrl(request);
  try {
    const isHealthCheck = url.pathname === "/healthz";
    const result = isHealthCheck ? { body: { healthy: true } } : await answer(url, gone.signal);
    if (!response.destroyed) sendAnswer(response, name, result);
  } catch (error) {
    // Who asked has gone before the slow answer was due: there is nobody to tell.
    if (!gone.signal.aborted) throw error;
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening on a port");
  return address.port;
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
