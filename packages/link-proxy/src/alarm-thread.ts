/**
 * The thread behind AlarmClock: sleeps until the instant in its one cell and says so, once for each instant; and once when it has begun.
 * A thread of its own because it sleeps in a futex, whose timeout has nanoseconds; Node's timers have whole milliseconds.
 */
import { parentPort, workerData } from 'node:worker_threads';

/** Of process.hrtime, in ns; 0: nothing to wait for. */
const cell = new BigInt64Array(workerData as SharedArrayBuffer);
const NS_PER_MS = 1e6;

parentPort?.postMessage(null);
for (;;) {
  const at = Atomics.load(cell, 0);
  const waitMs = at === 0n ? Number.POSITIVE_INFINITY : Number(at - process.hrtime.bigint()) / NS_PER_MS;
  if (waitMs > 0) Atomics.wait(cell, 0, at, waitMs);
  // Lost when another instant was set meanwhile: that one is waited for then.
  else if (Atomics.compareExchange(cell, 0, at, 0n) === at) parentPort?.postMessage(null);
}
