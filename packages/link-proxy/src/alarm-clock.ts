/**
 * Wakes lanes with a resolution below one millisecond: never early, and about 0.1 ms late on an idle machine,
 * where a Node timer is 0.8 ms late. One sleeping thread serves all lanes of a proxy. It does not spin, and
 * it does not wake while no byte is held (docs/decisions/019-proxy-tail.md).
 */
import { Worker } from 'node:worker_threads';
import { programPath } from '../../../src/system/project.ts';

const NS_PER_MS = 1e6;
const CALIBRATIONS = 20;

/**
 * Where performance.now() began, in ns of process.hrtime. An estimate is late by the time between its two
 * readings and never early, so the smallest is the best.
 */
function epochNs(): bigint {
  const guess = (): bigint => {
    const nowMs = performance.now();
    return process.hrtime.bigint() - BigInt(Math.floor(nowMs * NS_PER_MS));
  };
  let best = guess();
  for (let again = 1; again < CALIBRATIONS; again += 1) {
    const one = guess();
    if (one < best) best = one;
  }
  return best;
}

/** One instant at which a lane wants to be woken, or none. */
export class Alarm {
  readonly #clock: AlarmClock;
  readonly wake: () => void;
  /** On the clock of performance.now(), in ms. */
  at = Number.POSITIVE_INFINITY;

  constructor(clock: AlarmClock, wake: () => void) {
    this.#clock = clock;
    this.wake = wake;
  }

  /** Wakes once when performance.now() has reached `at`; replaces an earlier instant. */
  set(at: number): void {
    this.at = at;
    this.#clock.add(this);
  }

  clear(): void {
    this.at = Number.POSITIVE_INFINITY;
    this.#clock.remove(this);
  }
}

export class AlarmClock {
  readonly #cell = new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT));
  readonly #alarms = new Set<Alarm>();
  #started: Promise<void> | undefined;
  #thread: Worker | undefined;
  readonly #epochNs = epochNs();
  /** The instant until which the thread sleeps. */
  #armedAt = Number.POSITIVE_INFINITY;

  /**
   * Resolves when the thread runs; earlier alarms wait for it. Rejects with the reason why it did not start.
   */
  start(): Promise<void> {
    this.#started ??= new Promise((resolve, reject) => {
      const thread = new Worker(programPath('packages/link-proxy/src/alarm-thread'), {
        workerData: this.#cell.buffer,
        // The thread holds one number.
        resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 },
      });
      this.#thread = thread;
      thread.once('error', reject);
      thread.on('message', () => {
        // Until the thread runs it keeps the process alive, which may have nothing else to wait for;
        // afterwards it must not.
        thread.unref();
        resolve();
        this.#ring();
      });
    });
    return this.#started;
  }

  /** For Alarm. */
  add(alarm: Alarm): void {
    this.#alarms.add(alarm);
    if (alarm.at < this.#armedAt) this.#arm(alarm.at);
  }

  /** For Alarm. The thread may then wake once without need. */
  remove(alarm: Alarm): void {
    this.#alarms.delete(alarm);
  }

  async close(): Promise<void> {
    this.#alarms.clear();
    await this.#thread?.terminate();
  }

  #arm(at: number): void {
    this.#armedAt = at;
    Atomics.store(this.#cell, 0, this.#epochNs + BigInt(Math.ceil(at * NS_PER_MS)));
    Atomics.notify(this.#cell, 0);
  }

  /** A woken lane may set its alarm again. */
  #ring(): void {
    this.#armedAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    const due = [...this.#alarms].filter((alarm) => alarm.at <= now).sort((a, b) => a.at - b.at);
    for (const alarm of due) this.#alarms.delete(alarm);
    for (const alarm of due) if (alarm.at <= now) alarm.wake();
    let next = Number.POSITIVE_INFINITY;
    for (const { at } of this.#alarms) next = Math.min(next, at);
    if (next < this.#armedAt) this.#arm(next);
  }
}
