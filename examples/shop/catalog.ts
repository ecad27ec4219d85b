import type { Answer } from "./answer.ts";
import { notFound } from "./answer.ts";
import { PRODUCTS } from "./product.ts";

/**
 * `catalog` lists the products: `GET /catalog` and `GET /catalog/ID`. Version 2 is the new release
 * that a part of the traffic is to try: it knows prices in euros too.
 */
export function answerCatalog(version: 1 | 2, url: URL): Answer {
  const products = PRODUCTS.map(({ id, name, priceCents }) => ({
    id,
    name,
    priceCents,
    ...(version === 2 ? { price: `${(priceCents / 100).toFixed(2)} €` } : {}),
  }));
  if (url.pathname === "/catalog") {
    return { body: { service: "catalog", version: `v${version}`, products } };
  }
  const product = products.find(({ id }) => url.pathname === `/catalog/${id}`);
  if (product === undefined) return notFound(url.pathname);
  return { body: { service: "catalog", version: `v${version}`, product } };
}
