/**
 * The thread behind AlarmClock: sleeps until the instant in its one cell and posts a message, once for each
 * instant and once when it starts. It is a separate thread because it sleeps in a futex, whose timeout has
 * nanoseconds; Node's timers have whole milliseconds.
 */
import { parentPort, workerData } from 'node:worker_threads';

/** On the clock of process.hrtime, in ns; 0: no alarm. */
const cell = new BigInt64Array(workerData as SharedArrayBuffer);
const NS_PER_MS = 1e6;

parentPort?.postMessage(null);
for (;;) {
  const at = Atomics.load(cell, 0);
  const waitMs = at === 0n ? Number.POSITIVE_INFINITY : Number(at - process.hrtime.bigint()) / NS_PER_MS;
  if (waitMs > 0) Atomics.wait(cell, 0, at, waitMs);
  // The exchange fails when another instant was set meanwhile; the loop then waits for that one.
  else if (Atomics.compareExchange(cell, 0, at, 0n) === at) parentPort?.postMessage(null);
}
