import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { USUAL_PORTS } from '../../../src/sandbox/layout.ts';
import { freePorts } from '../../../src/sandbox/supervisor/free-ports.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** False when somebody on this machine has the port already: that serves the test as well. */
const listen = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => {
      servers.push(server);
      resolve(true);
    });
  });

describe('the ports of a sandbox', () => {
  it('are all different, and the usual ones or above', async () => {
    const ports = await freePorts('127.251.255.254');
    const numbers = Object.values(ports);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const [name, port] of Object.entries(ports)) {
      expect(port).toBeGreaterThanOrEqual(USUAL_PORTS[name as keyof typeof USUAL_PORTS]);
    }
  });

  it('step aside for a listener on all addresses, and for each other', async () => {
    await listen('0.0.0.0', 9092);
    await listen('0.0.0.0', 9094);
    const ports = await freePorts('127.251.255.254');
    expect(ports.kafkaInternal).toBeGreaterThan(9092);
    expect([ports.kafkaInternal, ports.kafkaController, ports.kafkaGateway, ports.kafkaHive]).not.toContain(
      9094,
    );
    expect(new Set(Object.values(ports)).size).toBe(Object.values(ports).length);
  });

  it('do not mind the same port on an address of another subnet', async () => {
    const before = await freePorts('127.251.255.254');
    await listen('127.252.0.1', before.redis);
    expect((await freePorts('127.251.255.254')).redis).toBe(before.redis);
  });
});
