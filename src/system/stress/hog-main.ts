/**
 * A process that allocates memory and keeps it. argv[2] is its time to live in ms, argv[3] the bytes that it
 * allocates after a line `go` on stdin. A line with a number sets its remaining time to that many ms. It ends
 * by itself after this time, and at the end of its stdin, because its holder has exited.
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
  // The kernel charges a page when it is written to. It could share pages of zeros, so these hold ones.
  taken.push(Buffer.alloc(CHUNK_BYTES, 1));
  setImmediate(take);
}
