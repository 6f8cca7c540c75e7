import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseSystem } from '../../../../src/config/system/read-system.ts';

const SHOP = `
schema: gauntlet.system/1
name: shop
summary: Orders over HTTP, kept in a cache and told on a bus
services:
  web:
    http: { port: 8080, ask: { ready: { get: /health, good: 200 }, contract: { post: /orders, json: { n: 1 }, good: { status: 2xx, json: { state: [new, kept], id: { exists: true } } } } } }
    replicas: { min: 2, max: 5 }
  worker-{kind}:
    each: { kind: [fast, slow] }
    formerly: workers.{kind}
    grpc: { port: 9000, ask: { ready: { call: shop.Worker/Health, good: { status: SERVING } } } }
    find: { compose: "work_{kind}" }
  bus: { kafka: { topics: { "orders.{state}": { each: { state: [new, done] }, correlation: { header: order-id } } } }, replicas: 3 }
  cache: { redis: 6379, protected: true }
  "*": { find: { kubernetes: { workloads: [Deployment] } } }
links: ["web -> cache, bus", "worker-* -> bus"]
paths: { shop.order: [orders.new, "orders.d*"] }
slos: { web-p99: { limit: web.orders p99 < 500ms, source: docs/slo.md } }
`;

const read = (text: string) => parseSystem('system.yaml', text);
const problemsOf = (text: string): string => {
  try {
    read(text);
  } catch (error) {
    return (error as Error).message;
  }
  return 'no problem';
};

describe('a system file', () => {
  it('declares services in its order, one for each word', () => {
    expect(read(SHOP).services.map((one) => one.name)).toEqual([
      'web',
      'worker-fast',
      'worker-slow',
      'bus',
      'cache',
    ]);
  });

  it('puts the word into every text of a service', () => {
    const slow = read(SHOP).services.find((one) => one.name === 'worker-slow');
    expect(slow).toMatchObject({
      formerly: 'workers.slow',
      find: { compose: 'work_slow', kubernetes: { selector: 'app.kubernetes.io/name=worker-slow' } },
    });
  });

  it('expands links, topics and paths', () => {
    const { links, topics, paths } = read(SHOP);
    expect(links.map(({ from, to }) => `${from}->${to}`)).toEqual([
      'web->cache',
      'web->bus',
      'worker-fast->bus',
      'worker-slow->bus',
    ]);
    expect(topics).toEqual(
      ['orders.new', 'orders.done'].map((name) => ({
        name,
        service: 'bus',
        correlation: { header: 'order-id' },
      })),
    );
    expect(
      paths.map(({ name, stages }) => [name, stages.map((one) => one.topics.map((it) => it.name))]),
    ).toEqual([['shop.order', [['orders.new'], ['orders.done']]]]);
  });

  it('says what a good answer is', () => {
    const ask = read(SHOP).services[0]?.endpoints[0]?.asks['contract'];
    expect(ask?.question).toMatchObject({
      kind: 'http',
      method: 'post',
      path: '/orders',
      statuses: [[200, 299]],
      fields: { state: { kind: 'one-of', values: ['new', 'kept'] }, id: { kind: 'exists', exists: true } },
    });
  });

  it('reports all problems at once, each with its place and the nearest name', () => {
    const broken = SHOP.replace('get: /health', 'get: health')
      .replace('web -> cache', 'web -> cach')
      .replace('orders.new, "orders.d*"', 'orders.old, "orders.d*"')
      .replace('replicas: { min: 2, max: 5 }', 'replica: 2');
    expect(problemsOf(broken)).toMatchInlineSnapshot(`
      "system.yaml:7:46: services.web.http.ask.ready.get: expected a path such as /health, got "health".
      system.yaml:8:5: services.web key: expected one of each, formerly, http, grpc, kafka, redis, postgres, tcp, replicas, protected, find, sandbox, got "replica". Did you mean replicas?
      system.yaml:17:9: links: expected a service: one of web, worker-fast, worker-slow, bus, cache, got "cach". Did you mean cache?
      system.yaml:18:23: paths.shop.order: expected a declared topic: one of orders.new, orders.done, got "orders.old". Did you mean orders.new?"
    `);
  });

  it('refuses a word in braces that nothing fills, and a name that comes twice', () => {
    const broken = SHOP.replace('each: { kind: [fast, slow] }', 'each: { kinds: [fast, slow] }');
    expect(problemsOf(broken)).toMatchInlineSnapshot(`
      "system.yaml:9:3: services key: expected {kind} among its each, got worker-{kind}.
      system.yaml:17:30: links: expected a service: one of web, bus, cache, got "worker-*"."
    `);
    expect(problemsOf(SHOP.replace('kind: [fast, slow]', 'kind: [fast, fast]'))).toMatchInlineSnapshot(
      `"system.yaml:9:3: services key: expected each name once, got worker-fast twice."`,
    );
  });

  it('names the version that it reads', () => {
    expect(problemsOf(SHOP.replace('system/1', 'system/2'))).toMatchInlineSnapshot(
      `"system.yaml:2:9: schema: expected gauntlet.system/1, which this version reads, got "gauntlet.system/2". Did you mean gauntlet.system/1?"`,
    );
  });
});

it('the system that comes with the package can be read', () => {
  const file = 'systems/neural-hive-mind/system.yaml';
  const { services, topics } = parseSystem(file, readFileSync(file, 'utf8'));
  expect(services.map((one) => one.name)).toMatchInlineSnapshot(`
    [
      "gateway",
      "specialist-business",
      "specialist-technical",
      "specialist-behavior",
      "specialist-evolution",
      "specialist-architecture",
      "semantic-translation-engine",
      "consensus-engine",
      "orchestrator-dynamic",
      "hive",
      "kafka",
      "redis",
    ]
  `);
  expect(topics.map((one) => one.name)).toMatchInlineSnapshot(`
    [
      "intentions.business",
      "intentions.technical",
      "intentions.infrastructure",
      "intentions.security",
      "intentions.validation",
      "plans.consensus",
      "plans.ready",
      "cognitive-plans-approval-requests",
      "execution.tickets",
    ]
  `);
});
