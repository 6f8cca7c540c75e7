/**
 * Ports for a sandbox: the default ones, unless they are in use. A listener on all addresses (for example a
 * broker in a container) also occupies its port in our subnet, and so does a server of a sandbox that is not
 * cleaned up yet.
 */
import { createServer } from 'node:net';
import { GauntletError } from '../../../../src/core/errors.ts';
import { type Ports, planLayout, USUAL_PORTS } from '../layout.ts';

const TRIES = 200;

/**
 * The first port, counting up from the default one, that is free on every address that will listen on it.
 * @param subnet n in 127.n.0.0/16. @param usual the port to try first.
 * @throws unavailable when 200 in a row are taken.
 */
export async function freePorts(subnet: number, usual: Ports = USUAL_PORTS): Promise<Ports> {
  const chosen = new Set<number>();
  const found: Record<string, number> = {};
  for (const [name, from] of Object.entries(usual) as [keyof Ports, number][]) {
    const port = await firstFree(listeners(subnet, name, usual), from, chosen);
    chosen.add(port);
    found[name] = port;
  }
  return { ...usual, ...found };
}

/** HTTP ports are on the addresses of the instances; all other ports are ends of links. */
function listeners(subnet: number, name: keyof Ports, usual: Ports): readonly string[] {
  const { links, instances } = planLayout(subnet, usual);
  const ends = links.flatMap((link) => [link.listen, ...link.upstreams]);
  const hosts = ends.filter((end) => end.port === usual[name]).map((end) => end.host);
  return [...new Set(name === 'http' ? [...hosts, ...instances.map((placed) => placed.host)] : hosts)];
}

async function firstFree(
  hosts: readonly string[],
  from: number,
  chosen: ReadonlySet<number>,
): Promise<number> {
  for (let port = from; port < from + TRIES; port += 1) {
    if (chosen.has(port)) continue;
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
