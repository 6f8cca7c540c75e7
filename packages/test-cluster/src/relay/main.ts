/**
 * Relays TCP over Unix sockets out of a network namespace, so that the API server and the services of a node
 * without a link to the machine are on 127.0.0.1. `inside FILE` runs in the namespace, `outside FILE` on the
 * machine; the file lists the relays (relays.ts). Each connection dials a new one, so that its client sees
 * what a new client sees inside.
 */
import { readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import type { Relay } from './relays.ts';

/**
 * Within a node a connection takes less than 1 ms. One that is not established after a second goes to the
 * address of a deleted pod (kube-proxy updates up to a second later); behind a relay its client would see it
 * as connected and silent.
 */
const CONNECT_MS = 1000;

const [mode = '', file = ''] = process.argv.slice(2);
if (mode === 'inside' || mode === 'outside') {
  for (const one of JSON.parse(readFileSync(file, 'utf8')) as readonly Relay[]) {
    if (mode === 'inside') inside(one);
    else outside(one);
  }
} else {
  process.stderr.write('usage: relay inside FILE | outside FILE\n');
  process.exitCode = 64;
}

function inside({ socket, host, port }: Relay): void {
  rmSync(socket, { force: true });
  serve(() => connect({ host, port, allowHalfOpen: true })).listen(socket);
}

function outside({ socket, listen }: Relay): void {
  serve(() => connect({ path: socket, allowHalfOpen: true })).listen(listen, '127.0.0.1');
}

function serve(dial: () => Socket) {
  return createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = dial().setNoDelay();
    const patience = setTimeout(() => far.destroy(new Error('not connected in time')), CONNECT_MS);
    far.once('connect', () => clearTimeout(patience));
    far.once('close', () => clearTimeout(patience));
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  });
}
