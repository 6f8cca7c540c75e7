import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { USUAL_PORTS } from '../../../packages/sandbox/src/layout.ts';
import { freePorts } from '../../../packages/sandbox/src/supervisor/free-ports.ts';

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

describe('the ports of a sandbox', () => {
  it('are all different, and the usual ones or above', async () => {
    const ports = await freePorts(251);
    const numbers = Object.values(ports);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const [name, port] of Object.entries(ports)) {
      expect(port).toBeGreaterThanOrEqual(USUAL_PORTS[name as keyof typeof USUAL_PORTS]);
    }
  });

  it('step aside for a listener on all addresses, and for each other', async () => {
    // Not the default ones: a running sandbox may use those.
    const free = await freePorts(251, { ...USUAL_PORTS, kafkaInternal: 23_092 });
    const { kafkaInternal } = free;
    const usual = { ...free, kafkaController: kafkaInternal + 1, kafkaGateway: kafkaInternal + 2 };
    await listen('0.0.0.0', kafkaInternal);
    await listen('0.0.0.0', kafkaInternal + 2);
    const ports = await freePorts(251, usual);
    expect([ports.kafkaInternal, ports.kafkaController, ports.kafkaGateway]).toEqual(
      [1, 3, 4].map((step) => kafkaInternal + step),
    );
  });

  it('step aside for a server that an earlier sandbox left on one of their addresses', async () => {
    const before = await freePorts(251);
    await listen('127.251.0.10', before.redis);
    await listen('127.251.0.41', before.http);
    await listen('127.251.20.32', before.grpc);
    const after = await freePorts(251);
    expect(after.redis).toBeGreaterThan(before.redis);
    expect(after.http).toBeGreaterThan(before.http);
    expect(after.grpc).toBeGreaterThan(before.grpc);
    expect(after.kafkaInternal).toBe(before.kafkaInternal);
  });

  it('do not mind the same port on an address of another subnet', async () => {
    const before = await freePorts(251);
    await listen('127.252.0.1', before.redis);
    expect((await freePorts(251)).redis).toBe(before.redis);
  });
});
