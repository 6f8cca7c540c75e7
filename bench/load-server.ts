/**
 * A minimal gateway in a separate process: it frames HTTP/1.1 requests by Content-Length and gives each the
 * same good answer. It prints its port, and answers each line on its standard input with the number of
 * requests so far.
 */
import { createServer, type Socket } from 'node:net';

const BODY = JSON.stringify({ intent_id: 'bench', status: 'processed', confidence: 0.9 });
const ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
);
let requests = 0;

function serve(socket: Socket): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let size = requestSize(rest); size > 0 && rest.length >= size; size = requestSize(rest)) {
      rest = rest.subarray(size);
      requests += 1;
      socket.write(ANSWER);
    }
  });
}

/** Length of the first request in bytes; 0 when its head is incomplete. */
function requestSize(bytes: Buffer): number {
  const head = bytes.indexOf('\r\n\r\n');
  if (head < 0) return 0;
  const length = /content-length: (\d+)/i.exec(bytes.toString('latin1', 0, head))?.[1];
  return head + 4 + Number(length ?? 0);
}

const server = createServer(serve);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
process.stdin.on('data', () => process.stdout.write(`${requests}\n`));
// The bench has exited, so its server exits too.
process.stdin.on('end', () => process.exit(0));
