// Starts the sample services alone: `node examples/shop/main.ts`. Then put any proxy before them.
import { once } from "node:events";
import { startShop } from "./shop.ts";

const shop = await startShop();
for (const { name, port } of shop.services) console.log(`${name}: http://127.0.0.1:${port}`);
await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
await shop.stop();
