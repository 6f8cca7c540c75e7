/** A shop that a sandbox can run: two programs, a bus, a cache and a store. */
import { parseSystem } from '../../src/config/system/read-system.ts';
import type { System } from '../../src/core/system.ts';

export const SHOP = `
schema: gauntlet.system/1
name: shop
summary: Orders by HTTP
services:
  web:
    http: 8080
    replicas: { min: 2, max: 3 }
    sandbox: { run: [node, web.mjs] }
  orders:
    http: { port: 8080, ask: { ready: { get: /ready, good: 200 } } }
    grpc: 50051
    sandbox:
      run: [node, orders.mjs]
      env: { STORE_URL: "postgres://postgres@\${store.address}/shop", POLL_MS: "250" }
      before: [node, orders.mjs, migrate]
  bus:
    kafka: { topics: { orders.new: , orders.done: } }
    sandbox: { use: kafka }
  cache: { redis: 6379, sandbox: { use: redis } }
  store: { postgres: 5432, sandbox: { use: postgres, database: shop } }
links: ["web -> orders, cache", "orders -> bus, cache, store"]
`;

/** @param change of the text. */
export const shopOf = (change: (text: string) => string = (text) => text): System =>
  parseSystem('/shop/system.yaml', change(SHOP));
