/**
 * Claims one loopback subnet 127.n.0.0/16 until this process exits. The claim is a listener on an abstract
 * unix socket: the kernel gives a name to one process of a network namespace only, and frees it when that
 * process exits. A lock file does not work here, because two state folders share one loopback.
 */
import { createServer, type Server } from 'node:net';
import { GauntletError } from '../../../../src/core/errors.ts';

/** 127.0 is in general use, and people choose the lowest subnets for manual addresses. */
export const SUBNETS = { first: 10, last: 250 } as const;

export interface SubnetClaim {
  readonly subnet: number;
  release(): void;
}

/** @throws unavailable when every subnet is taken. */
export async function claimSubnet(): Promise<SubnetClaim> {
  for (let subnet = SUBNETS.first; subnet <= SUBNETS.last; subnet += 1) {
    const server = await listen(`\0gauntlet-loopback-subnet-${subnet}`);
    if (server) return { subnet, release: () => void server.close() };
  }
  throw new GauntletError('unavailable', [
    {
      subject: 'loopback',
      expected: `a free subnet from 127.${SUBNETS.first}.0.0/16 to 127.${SUBNETS.last}.0.0/16`,
      got: 'none: a sandbox runs on each',
      next: 'Stop one with: gauntlet sandbox down --name <name>',
    },
  ]);
}

function listen(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(name, () => resolve(server));
  });
}
