import { type Answer, notFound } from "./answer.ts";

/**
 * `storefront` is the page that customers see, at `/`. The page asks for `/catalog` and
 * `/reviews/ID` where it came from, which is the proxy: reload it and see the versions change.
 */
export function answerStorefront(url: URL): Answer {
  return url.pathname === "/" ? { body: PAGE } : notFound(url.pathname);
}

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>The Causeway shop</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
  body { max-width: 40rem; margin: 3rem auto; padding: 0 1rem }
  li { margin: .5rem 0 }
  .tag { border: 1px solid; border-radius: 1rem; padding: .1rem .6rem; font-size: .85rem }
</style>
<h1>The Causeway shop</h1>
<p>Products from <span class="tag" id="version">catalog …</span></p>
<ul id="products"></ul>
<p>About one load in ten is served by catalog v2, which shows prices in euros.</p>
<script type="module">
  const { version, products } = await (await fetch("/catalog")).json();
  document.querySelector("#version").textContent = "catalog " + version;
  for (const { id, name, price } of products) {
    const { reviews } = await (await fetch("/reviews/" + id)).json();
    const stars = reviews.map((review) => "★".repeat(review.stars)).join(" ");
    const item = document.createElement("li");
    item.textContent = [name, price, stars].filter(Boolean).join(" · ");
    document.querySelector("#products").append(item);
  }
</script>
</html>
`;
