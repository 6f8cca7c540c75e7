import { describe, expect, it } from 'vitest';
import { startGroups } from '../../../packages/sandbox/src/supervisor/start-order.ts';
import { planLayout } from '../../../src/core/sandbox/layout.ts';
import { dialledBy, partsOf } from '../../../src/core/sandbox/processes.ts';
import { shopOf } from '../../fakes/sandbox-shop.ts';

const refused = (change: (text: string) => string): string => {
  try {
    planLayout(shopOf(change), 17);
    return 'nothing';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('what a sandbox runs of a system', () => {
  it('needs the programs of the servers that it uses, Java for Kafka', () => {
    expect(partsOf(shopOf())).toEqual(['java', 'kafka', 'redis', 'postgres']);
    expect(
      partsOf(shopOf((text) => text.replace('sandbox: { use: kafka }', 'sandbox: { use: kafka }'))),
    ).toContain('java');
  });

  it('starts a service after all that it dials', () => {
    const groups = startGroups(shopOf());
    expect(groups.map(({ services, after }) => [services.map((one) => one.name), after])).toEqual([
      [['bus'], []],
      [['cache'], []],
      [['store'], []],
      [['orders'], ['bus', 'cache', 'store']],
      [['web'], ['orders', 'cache']],
    ]);
  });

  it('starts those together that dial each other', () => {
    const groups = startGroups(
      shopOf((text) => text.replace('orders -> bus, cache, store', 'orders -> bus, web, store')),
    );
    expect(groups.at(-1)?.services.map((one) => one.name)).toEqual(['web', 'orders']);
    expect([...(groups.at(-1)?.after ?? [])].sort()).toEqual(['bus', 'cache', 'store']);
  });

  it('lets one process carry another service: its links, and the way to it', () => {
    const system = shopOf((text) =>
      text
        .replace('  bus:', '  stock: { http: 8081, sandbox: { with: orders } }\n  bus:')
        .replace('"web -> orders, cache"', '"web -> stock, cache", "stock -> cache, web, orders"'),
    );
    const { links, instances } = planLayout(system, 17);
    expect(dialledBy(system, 'orders').map((one) => one.name)).toEqual(['web', 'bus', 'cache', 'store']);
    expect(instances.map((one) => one.service)).not.toContain('stock');
    const link = links.find((one) => one.name === 'web->stock');
    expect(link?.listen.port).toBe(8081);
    const orders = instances.find((one) => one.service === 'orders');
    expect(link?.upstreams).toEqual([{ instance: 'orders-1', host: orders?.host, port: orders?.ports.http }]);
    expect(links.filter((one) => one.from === 'stock')).toEqual([]);
    expect(links.map((one) => one.name)).toContain('orders->web');
  });

  it('is refused with all reasons at once', () => {
    const text = refused((shop) =>
      shop
        .replace('sandbox: { use: redis }', 'replicas: 2, sandbox: { use: redis }')
        .replace('sandbox: { use: kafka }', 'replicas: 2\n    sandbox: { use: kafka }')
        .replace('{store.address}', '{stor.address}')
        .replace('sandbox: { run: [node, web.mjs] }', 'sandbox: { with: cache }'),
    );
    const known = ['orders', 'bus', 'cache', 'store'].flatMap((name) =>
      ['host', 'port', 'address'].map((part) => `${name}.${part}`),
    );
    expect(text.split('\n')).toEqual([
      '/shop/system.yaml: services.web.sandbox.with: expected a service with run: one of orders, got cache.',
      `/shop/system.yaml: services.orders.sandbox.env.STORE_URL: expected one of ${known.join(', ')}, got \${stor.address}. Did you mean store.address?`,
      '/shop/system.yaml: services.bus.replicas: expected 1 or 3 with use: kafka, got 2.',
      '/shop/system.yaml: services.cache.replicas: expected 1 with use: redis, got 2.',
    ]);
  });

  it('is refused without anything to start, and when what is dialled is missing', () => {
    expect(refused((shop) => shop.replaceAll(/, sandbox: \{ use: redis \}/g, ''))).toBe(
      [
        '/shop/system.yaml: services.web: expected a sandbox of cache, which it dials, got none. ' +
          'Declare sandbox: { run: [program] } or { use: redis } for cache.',
        '/shop/system.yaml: services.orders: expected a sandbox of cache, which it dials, got none. ' +
          'Declare sandbox: { run: [program] } or { use: redis } for cache.',
      ].join('\n'),
    );
    expect(
      refused(() => 'schema: gauntlet.system/1\nname: shop\nsummary: s\nservices: { web: { http: 8080 } }\n'),
    ).toBe(
      '/shop/system.yaml: expected a service with sandbox: { run: [program] } or { use: kafka }, got none. ' +
        'Declare what the sandbox starts for each service.',
    );
  });

  it('is refused when the room for addresses is too small', () => {
    expect(refused((shop) => shop.replace('max: 3', 'max: 300'))).toBe(
      '/shop/system.yaml: expected at most 250 instances, got 304.',
    );
  });
});
