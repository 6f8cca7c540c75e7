/**
 * One pause of Redis, held in short slices. A pause cannot be shortened once it is given (CLIENT PAUSE only
 * ever prolongs, and UNPAUSE waits behind a pause of all commands: 3,103 ms for one of 3,000 ms), so no slice
 * is long.
 *
 * A pause of all commands also delays the next CLIENT PAUSE. Two are therefore always pending on one
 * connection: Redis serves its waiting clients in the order in which they came, so the next slice begins
 * before any other client is served. When the holder dies its connection closes, Redis drops the pending
 * commands, and the current slice is the last.
 */

import type { RedisPause } from '../../core/acts/redis-acts.ts';
import type { Clock } from '../../core/clock.ts';
import { type Ms, ms } from '../../core/units.ts';
import type { RedisLine } from './line.ts';

const SLICE_MS = 200;
/** Redis checks its pauses every 100 ms (hz 10): a slice lasts up to that much longer than requested. */
export const LONGEST_SLICE_MS = SLICE_MS + 100;
const AHEAD = 2;
const DEADLINE_MS = 1000;

export class HeldPause {
  /** Resolves when the server has accepted the first slice; rejects with its refusal. */
  readonly begun: Promise<void>;
  readonly ended: Promise<void>;
  readonly mode: RedisPause['mode'];
  readonly #line: RedisLine;
  readonly #clock: Clock;
  readonly #command: readonly string[];
  #expiresAt: number;
  #over = false;

  constructor(line: RedisLine, pause: RedisPause, clock: Clock) {
    this.#line = line;
    this.#clock = clock;
    this.mode = pause.mode;
    this.#command = ['CLIENT', 'PAUSE', String(SLICE_MS), pause.mode === 'all' ? 'ALL' : 'WRITE'];
    this.#expiresAt = clock.now() + pause.ttlMs;
    const first = line.call(this.#command, DEADLINE_MS).then(() => undefined);
    this.begun = first;
    const course = pause.mode === 'all' ? this.#holdAll(first) : this.#holdWrites(first);
    this.ended = course.catch(() => undefined).finally(() => this.end());
  }

  /** False when it is over: it has lapsed, was ended, or the server is gone. */
  renew(ttl: Ms): boolean {
    if (this.#isOver()) return false;
    this.#expiresAt = this.#clock.now() + ttl;
    return true;
  }

  end(): void {
    this.#over = true;
    this.#line.close();
  }

  async #holdAll(first: Promise<unknown>): Promise<void> {
    const underWay = [first];
    while (!this.#isOver()) {
      while (underWay.length < 1 + AHEAD) underWay.push(this.#send());
      // Answered when it begins: another one must then be pending behind the one that is waiting.
      await underWay.shift();
    }
  }

  /** CLIENT PAUSE itself is not a write: a slice is renewed at half its time. */
  async #holdWrites(first: Promise<unknown>): Promise<void> {
    await first;
    while (!this.#isOver()) {
      await this.#clock.sleep(ms(SLICE_MS / 2));
      if (!this.#isOver()) await this.#send();
    }
  }

  #send(): Promise<unknown> {
    const sent = this.#line.send(this.#command);
    // Only the awaited call reports a lost connection; rejections of the others must not be unhandled.
    sent.catch(() => undefined);
    return sent;
  }

  #isOver(): boolean {
    return this.#over || this.#line.closed || this.#clock.now() >= this.#expiresAt;
  }
}
