/**
 * The server side of the proxy benches in a separate process: an echo server, and one that discards bytes and
 * counts them.
 */
import { createServer, type Server } from 'node:net';

export interface PeerPorts {
  readonly echo: number;
  readonly sink: number;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

const echo = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => socket.write(chunk));
});
/** Answers each megabyte with one byte, so that the sender can count the arrived bytes. */
const sink = createServer({ highWaterMark: 1 << 20 }, (socket) => {
  let seen = 0;
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    const before = Math.floor(seen / 1e6);
    seen += chunk.length;
    const whole = Math.floor(seen / 1e6) - before;
    if (whole > 0) socket.write(Buffer.alloc(whole));
  });
});
const ports: PeerPorts = { echo: await listen(echo), sink: await listen(sink) };
process.stdout.write(`${JSON.stringify(ports)}\n`);
process.stdin.on('end', () => process.exit(0)).resume();
