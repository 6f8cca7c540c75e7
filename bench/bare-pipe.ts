/**
 * The minimal proxy in Node, two connected sockets, as a reference for ours. argv[2] is the target port on
 * 127.0.0.1; prints {"port":n}; exits at the end of its stdin.
 */
import { connect, createServer, type Socket } from 'node:net';

const to = Number(process.argv[2]);

function lead(source: Socket, sink: Socket): void {
  source.on('data', (chunk) => {
    if (!sink.write(chunk)) source.pause();
  });
  sink.on('drain', () => source.resume());
  source.on('error', () => {});
  source.on('close', () => sink.destroy());
}

const highWaterMark = 256 * 1024;
const server = createServer({ noDelay: true, highWaterMark }, (client) => {
  const options = { host: '127.0.0.1', port: to, noDelay: true, highWaterMark };
  const upstream = connect(options);
  lead(client, upstream);
  lead(upstream, client);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  process.stdout.write(`${JSON.stringify({ port })}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
