/**
 * A process that takes memory and keeps it. argv[2] is its time to live in ms, argv[3] the bytes that it takes once a line
 * `go` has come on stdin; a line with a number gives it that many ms from then on. It ends by itself when the time is
 * over, and at the end of its stdin: its holder is gone.
 */
import { createInterface } from 'node:readline';

const CHUNK_BYTES = 4 * 1024 * 1024;
const CHECK_MS = 50;

const leave = (): never => process.exit(0);
const amountOf = (text: string | undefined): number => {
  const amount = Number(text);
  return Number.isFinite(amount) && amount > 0 ? amount : 0;
};

let until = performance.now() + amountOf(process.argv[2]);
const wanted = amountOf(process.argv[3]);
const taken: Buffer[] = [];

createInterface({ input: process.stdin })
  .on('line', (line) => {
    if (line === 'go') take();
    else until = performance.now() + amountOf(line);
  })
  .on('close', leave);
process.stdin.on('error', leave);
setInterval(() => {
  if (performance.now() >= until) leave();
}, CHECK_MS);

function take(): void {
  if (taken.length * CHUNK_BYTES >= wanted) return;
  // A page is charged when it is written to; of zeros the kernel would keep one for all.
  taken.push(Buffer.alloc(CHUNK_BYTES, 1));
  setImmediate(take);
}
