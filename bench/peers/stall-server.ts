/**
 * A server with known latencies: each answer takes 2 ms plus an exponential draw with a mean of 1 ms, and
 * every 7 s it answers nothing for 910 ms. Its log is the truth of `npm run bench -- peers`. It prints its
 * port, and answers the first line on its standard input with the log as one line of JSON.
 */
import { createServer, type Socket } from 'node:net';
import { seededRng } from '../../src/core/rng.ts';
import type { ServerLog } from './truth.ts';

const LEAST_MS = 2;
const MEAN_MS = 1;
const STALL_MS = 910;
const EVERY_MS = 7000;
/** After the first request. */
const FIRST_STALL_MS = 3000;
const BODY = JSON.stringify({ intent_id: 'bench', status: 'processed', confidence: 0.9 });
const ANSWER = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

const rng = seededRng(1);
const requests: [number, number][] = [];
let firstAt: number | undefined;

/** Undefined outside of a stall. */
function endOfStall(at: number, first: number): number | undefined {
  const since = at - first - FIRST_STALL_MS;
  if (since < 0 || since % EVERY_MS >= STALL_MS) return undefined;
  return first + FIRST_STALL_MS + Math.floor(since / EVERY_MS) * EVERY_MS + STALL_MS;
}

function answer(socket: Socket): void {
  const receivedAt = performance.now();
  firstAt ??= receivedAt;
  const doneAt = receivedAt + LEAST_MS - MEAN_MS * Math.log(1 - rng.next());
  const at = endOfStall(doneAt, firstAt) ?? doneAt;
  setTimeout(() => {
    socket.write(ANSWER);
    requests.push([receivedAt, performance.now()]);
  }, at - receivedAt);
}

function serve(socket: Socket): void {
  let rest = '';
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    rest += chunk.toString('latin1');
    for (let size = requestSize(rest); size > 0 && rest.length >= size; size = requestSize(rest)) {
      rest = rest.slice(size);
      answer(socket);
    }
  });
}

/** Length of the first request in bytes; 0 when its head is incomplete. */
function requestSize(text: string): number {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return 0;
  return head + 4 + Number(/content-length: (\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
}

function log(): ServerLog {
  const from = firstAt ?? 0;
  const last = requests.at(-1)?.[1] ?? from;
  const stalls: [number, number][] = [];
  for (let at = from + FIRST_STALL_MS; at < last; at += EVERY_MS) stalls.push([at, at + STALL_MS]);
  return { from, stalls, requests };
}

const server = createServer(serve);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
process.stdin.once('data', () => process.stdout.write(`${JSON.stringify(log())}\n`));
// The bench has exited, so its server exits too.
process.stdin.on('end', () => process.exit(0));
