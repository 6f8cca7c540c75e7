/**
 * Ports for a sandbox: the usual ones, except where somebody listens on all addresses (a broker in a container, say),
 * which takes the port from our subnet as well. Then the next one up. Nobody else uses the subnet, so one look will do.
 */
import { createServer } from 'node:net';
import { GauntletError } from '../../core/errors.ts';
import { type Ports, USUAL_PORTS } from '../layout.ts';

const TRIES = 200;

/** @param host an address of the subnet on which nothing listens. @throws unavailable when 200 in a row are taken. */
export async function freePorts(host: string): Promise<Ports> {
  const chosen = new Set<number>();
  const found: Record<string, number> = {};
  for (const [name, usual] of Object.entries(USUAL_PORTS) as [keyof Ports, number][]) {
    const port = await firstFree(host, usual, chosen);
    chosen.add(port);
    found[name] = port;
  }
  return { ...USUAL_PORTS, ...found };
}

async function firstFree(host: string, from: number, chosen: ReadonlySet<number>): Promise<number> {
  for (let port = from; port < from + TRIES; port += 1) {
    if (!chosen.has(port) && (await isFree(host, port))) return port;
  }
  throw new GauntletError('unavailable', [
    { subject: `ports on ${host}`, expected: `a free one from ${from} to ${from + TRIES - 1}`, got: 'none' },
  ]);
}

const isFree = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(false) : reject(error),
    );
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
