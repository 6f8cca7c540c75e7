/**
 * Carries TCP over a Unix socket out of a network namespace, so that the API server of a node that has no link to the machine
 * is on 127.0.0.1 all the same. `inside SOCKET HOST PORT` runs in the namespace, `outside PORT SOCKET` on the machine.
 */
import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';

const [mode, ...rest] = process.argv.slice(2);
if (mode === 'inside') {
  const [socket = '', host = '', port = ''] = rest;
  rmSync(socket, { force: true });
  serve(() => connect({ host, port: Number(port), allowHalfOpen: true })).listen(socket);
} else if (mode === 'outside') {
  const [port = '', socket = ''] = rest;
  serve(() => connect({ path: socket, allowHalfOpen: true })).listen(Number(port), '127.0.0.1');
} else {
  process.stderr.write('usage: relay inside SOCKET HOST PORT | outside PORT SOCKET\n');
  process.exitCode = 64;
}

function serve(dial: () => Socket) {
  return createServer({ allowHalfOpen: true }, (near) => {
    const far = dial();
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  });
}
