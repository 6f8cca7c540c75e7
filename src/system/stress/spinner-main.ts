/**
 * A process that is always runnable. argv[2] is its time to live in ms; a line with a number on stdin sets
 * its remaining time to that many ms. It ends by itself after this time, and at the end of its stdin, because
 * its holder has exited.
 */
import { createInterface } from 'node:readline';

/** Short enough to read stdin soon, long enough that the surrounding loop costs nothing. */
const BURN_MS = 5;

const leave = (): never => process.exit(0);
const lifeOf = (text: string | undefined): number => {
  const life = Number(text);
  return Number.isFinite(life) && life > 0 ? life : 0;
};

let until = performance.now() + lifeOf(process.argv[2]);
createInterface({ input: process.stdin })
  .on('line', (line) => {
    until = performance.now() + lifeOf(line);
  })
  .on('close', leave);
process.stdin.on('error', leave);

function burn(): void {
  const pause = performance.now() + BURN_MS;
  while (performance.now() < pause);
  if (performance.now() >= until) leave();
  setImmediate(burn);
}
burn();
