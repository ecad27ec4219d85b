import assert from "node:assert/strict";
import { createServer } from "node:net";
import { type Shop, startShop } from "../../../../examples/shop/shop.ts";

describe("sample shop", () => {
  let shop: Shop;
  before(async () => {
    shop = await startShop(0);
  });
  after(() => shop.stop());

  async function get(service: string, path: string) {
    const port = shop.services.find(({ name }) => name === service)?.port;
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    const text = await response.text();
    const isJson = response.headers.get("content-type") === "application/json; charset=utf-8";
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
    };
  }

  for (const name of ["storefront", "catalog v1", "catalog v2", "reviews"]) {
    it(`startShop: ${name} is healthy and says who it is`, async () => {
      const { status, headers, body } = await get(name, "/healthz");
      assert.equal(status, 200);
      assert.equal(headers.get("x-shop-service"), name);
      assert.deepEqual(body, { healthy: true });
    });

    it(`startShop: ${name} answers 404 to a path that it does not have`, async () => {
      const { status, body } = await get(name, "/nothing");
      assert.equal(status, 404);
      assert.deepEqual(body, { error: "there is nothing at /nothing" });
    });
  }

  it("storefront: the page is HTML", async () => {
    const { headers, body } = await get("storefront", "/");
    assert.equal(headers.get("content-type"), "text/html; charset=utf-8");
    assert.match(body, /<h1>The Causeway shop<\/h1>/);
  });

  it("catalog: version 1 knows no price in euros, version 2 does", async () => {
    const product = { id: "lantern", name: "Storm lantern", priceCents: 3900 };
    const first = await get("catalog v1", "/catalog/lantern");
    assert.deepEqual(first.body, { service: "catalog", version: "v1", product });
    const second = await get("catalog v2", "/catalog/lantern");
    assert.equal(second.body.version, "v2");
    assert.deepEqual(second.body.product, { ...product, price: "39.00 €" });
  });

  it("catalog: the list has every product", async () => {
    const { body } = await get("catalog v1", "/catalog");
    const ids = body.products.map(({ id }: { id: string }) => id);
    assert.deepEqual(ids, ["lantern", "rope", "kettle"]);
  });

  it("reviews: the answer shows the path that was asked for", async () => {
    const { body } = await get("reviews", "/v1/reviews/rope");
    assert.equal(body.path, "/v1/reviews/rope");
    assert.deepEqual(body.reviews, [{ stars: 5, text: "Holds." }]);
  });

  it("reviews: a name that every object has is no product", async () => {
    assert.equal((await get("reviews", "/v1/reviews/constructor")).status, 404);
  });

  it("reviews: the slow answer says how long it waited", async () => {
    assert.equal((await get("reviews", "/v1/slow?ms=1")).body.waitedMs, 1);
    assert.equal((await get("reviews", "/v1/slow?ms=-5")).body.waitedMs, 0);
    assert.equal((await get("reviews", "/v1/slow?ms=soon")).body.waitedMs, 0);
  });

  it("startShop: a taken port is thrown with its number", async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
    const address = blocker.address();
    assert.ok(address !== null && typeof address !== "string");
    try {
      await assert.rejects(startShop(address.port), { code: "EADDRINUSE", port: address.port });
    } finally {
      blocker.close();
    }
  });
});
