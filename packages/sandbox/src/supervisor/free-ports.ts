/**
 * Ports for a sandbox: the default ones, unless they are in use. A listener on all addresses (for example a
 * broker in a container) also occupies its port in our subnet, and so does a server of a sandbox that is not
 * cleaned up yet.
 */
import { createServer } from 'node:net';
import { GauntletError } from '../../../../src/core/errors.ts';
import { listenersByPort } from '../../../../src/core/sandbox/addresses.ts';
import { planLayout } from '../../../../src/core/sandbox/layout.ts';
import { type Ports, usualPorts } from '../../../../src/core/sandbox/ports.ts';
import type { System } from '../../../../src/core/system.ts';

const TRIES = 200;

/**
 * For each port the first one, counting up from the usual one, that is free on every address that will listen
 * on it.
 * @param subnet n in 127.n.0.0/16. @throws unavailable when 200 in a row are taken.
 */
export async function freePorts(
  system: System,
  subnet: number,
  usual: Ports = usualPorts(system),
): Promise<Ports> {
  // With numbers of its own for each key, so that the addresses of each are known.
  const keys = Object.keys(usual);
  const numbered = Object.fromEntries(keys.map((key, index) => [key, index]));
  const listeners = listenersByPort(planLayout(system, subnet, numbered));
  const chosen = new Set<string>();
  const found: Record<string, number> = {};
  for (const [index, key] of keys.entries()) {
    const hosts = listeners.get(index) ?? [];
    const port = await firstFree(hosts, usual[key] ?? 0, chosen);
    for (const host of hosts) chosen.add(`${host}:${port}`);
    found[key] = port;
  }
  return found;
}

async function firstFree(
  hosts: readonly string[],
  from: number,
  chosen: ReadonlySet<string>,
): Promise<number> {
  for (let port = from; port < from + TRIES; port += 1) {
    if (hosts.some((host) => chosen.has(`${host}:${port}`))) continue;
    const free = await Promise.all(hosts.map((host) => isFree(host, port)));
    if (free.every(Boolean)) return port;
  }
  const subject = `ports on ${hosts.join(', ')}`;
  const expected = `one from ${from} to ${from + TRIES - 1} that is free on all of them`;
  throw new GauntletError('unavailable', [{ subject, expected, got: 'none' }]);
}

const isFree = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(false) : reject(error),
    );
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
