import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSystem } from '../../../../src/config/system/read-system.ts';

const SHOP = `
schema: gauntlet.system/1
name: shop
summary: Orders over HTTP, kept in a cache
services:
  web:
    http: { port: 8080, ask: { ready: { get: /health, good: 200 }, contract: { post: /orders, json: { n: 1 }, good: { status: 2xx, json: { state: [new, kept], id: { exists: true } } } } } }
  worker-{kind}:
    each: { kind: [fast, slow] }
    formerly: workers.{kind}
    grpc: { port: 9000, proto: shop.proto, ask: { ready: { call: shop.Worker/Health, good: { status: SERVING } } } }
  bus: { kafka: 9092 }
  cache: { redis: 6379 }
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

  it('puts the word into every text of a service, and finds its proto beside the file', () => {
    const slow = read(SHOP).services.find((one) => one.name === 'worker-slow');
    expect(slow).toMatchObject({ formerly: 'workers.slow', endpoints: [{ proto: resolve('shop.proto') }] });
  });

  it('says what a good answer is', () => {
    const ask = read(SHOP).services[0]?.endpoints[0]?.asks['contract'];
    expect(ask).toMatchObject({
      kind: 'http',
      method: 'post',
      path: '/orders',
      statuses: [[200, 299]],
      fields: { state: { kind: 'one-of', values: ['new', 'kept'] }, id: { kind: 'exists', exists: true } },
    });
  });

  it('reports all problems at once, each with its place and the nearest name', () => {
    const broken = SHOP.replace('get: /health', 'get: health')
      .replace('call: shop.Worker/Health', 'call: Health')
      .replace('bus: { kafka: 9092 }', 'bus: { kafka: 90920 }')
      .replace('cache: { redis: 6379 }', 'cache: { reddis: 6379 }');
    expect(problemsOf(broken)).toMatchInlineSnapshot(`
      "system.yaml:7:46: services.web.http.ask.ready.get: expected a path such as /health, got "health".
      system.yaml:11:66: services.worker-{kind}.grpc.ask.ready.call: expected package.Service/Method, got "Health".
      system.yaml:12:17: services.bus.kafka: expected a port from 1 to 65535, got 90920.
      system.yaml:13:12: services.cache key: expected one of each, formerly, http, grpc, kafka, redis, postgres, tcp, got "reddis". Did you mean redis?"
    `);
  });

  it('refuses what nothing would do: two methods, no endpoint, a contract over gRPC', () => {
    const broken = SHOP.replace('get: /health', 'get: /health, head: /health')
      .replace('bus: { kafka: 9092 }', 'bus: {}')
      .replace('ask: { ready: { call', 'ask: { contract: { call');
    expect(problemsOf(broken)).toMatchInlineSnapshot(`
      "system.yaml:7:39: services.web.http.ask.ready: expected one of get, post, put, patch, delete, head, with a path such as /health, got {"get":"/health","head":"/health","good":200}.
      system.yaml:11:51: services.worker-{kind}.grpc.ask key: expected questions such as ready: { call: shop.Orders/Check, good: { status: SERVING } }, got "contract".
      system.yaml:12:8: services.bus: expected at least one of http, grpc, kafka, redis, postgres, tcp, got none."
    `);
  });

  it('refuses a word in braces that nothing fills, and a name that comes twice', () => {
    const broken = SHOP.replace('each: { kind: [fast, slow] }', 'each: { kinds: [fast, slow] }');
    expect(problemsOf(broken)).toMatchInlineSnapshot(
      `"system.yaml:8:3: services key: expected {kind} among its each, got worker-{kind}."`,
    );
    expect(problemsOf(SHOP.replace('kind: [fast, slow]', 'kind: [fast, fast]'))).toMatchInlineSnapshot(
      `"system.yaml:8:3: services key: expected each name once, got worker-fast twice."`,
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
  const { services } = parseSystem(file, readFileSync(file, 'utf8'));
  expect(services.map((one) => one.name)).toEqual([
    'gateway',
    ...['business', 'technical', 'behavior', 'evolution', 'architecture'].map((kind) => `specialist-${kind}`),
    ...['kafka', 'redis'],
  ]);
});
