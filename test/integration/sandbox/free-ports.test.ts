import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { freePorts } from '../../../packages/sandbox/src/supervisor/free-ports.ts';
import { listenOf } from '../../../src/core/sandbox/addresses.ts';
import { planLayout } from '../../../src/core/sandbox/layout.ts';
import { type Ports, usualPorts } from '../../../src/core/sandbox/ports.ts';
import { shopOf } from '../../fakes/sandbox-shop.ts';

const shop = shopOf();
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const listen = (host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => {
      servers.push(server);
      resolve();
    });
  });
/** Not the usual ones: a running sandbox may use those. */
const high = (): Ports =>
  Object.fromEntries(Object.entries(usualPorts(shop)).map(([key, port]) => [key, (port % 8000) + 24_000]));
const portOf = (ports: Ports, key: string): number => ports[key] ?? Number.NaN;

describe('the ports of a sandbox', () => {
  it('are the usual ones or above, and differ where one address has several', async () => {
    const ports = await freePorts(shop, 251);
    for (const [key, port] of Object.entries(usualPorts(shop)))
      expect(ports[key], key).toBeGreaterThanOrEqual(port);
    const bus = Object.entries(ports).filter(([key]) => key.startsWith('bus'));
    expect(new Set(bus.map(([, port]) => port)).size).toBe(bus.length);
  });

  it('step aside for a listener on all addresses, and for each other', async () => {
    const free = await freePorts(shop, 251, high());
    const brokers = portOf(free, 'bus brokers');
    const usual = { ...free, 'bus controllers': brokers + 1, 'bus for orders': brokers + 2 };
    await listen('0.0.0.0', brokers);
    await listen('0.0.0.0', brokers + 2);
    const ports = await freePorts(shop, 251, usual);
    expect(['bus brokers', 'bus controllers', 'bus for orders'].map((key) => ports[key])).toEqual(
      [1, 3, 4].map((step) => brokers + step),
    );
  });

  it('step aside for a server that an earlier sandbox left on one of their addresses', async () => {
    const before = await freePorts(shop, 251, high());
    const layout = planLayout(shop, 251, before);
    const orders = layout.instances.find((one) => one.service === 'orders');
    await listen(orders?.host ?? '', portOf(before, 'orders http itself'));
    const link = listenOf(layout, 'orders->cache');
    await listen(link.host, link.port);
    const after = await freePorts(shop, 251, high());
    expect(after['orders http itself']).toBeGreaterThan(portOf(before, 'orders http itself'));
    expect(after['cache redis']).toBeGreaterThan(portOf(before, 'cache redis'));
    expect(after['bus brokers']).toBe(before['bus brokers']);
  });

  it('do not mind the same port on an address of another subnet', async () => {
    const before = await freePorts(shop, 251, high());
    await listen('127.252.0.1', portOf(before, 'cache redis'));
    expect((await freePorts(shop, 251, high()))['cache redis']).toBe(before['cache redis']);
  });
});
