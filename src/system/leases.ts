/**
 * What a process holds for others under a lease: each ends when nobody renews it, also when its own end fails
 * at first.
 */
import type { Clock } from '../core/clock.ts';
import { type Ms, ms } from '../core/units.ts';

const END_AGAIN_MS = ms(1000);

interface Lease<Held> {
  readonly held: Held;
  /** By the clock; a renewal moves it. */
  expiresAt: number;
}

export class Leases<Held> {
  readonly #clock: Clock;
  readonly #stopped: AbortSignal;
  readonly #all = new Map<string, Lease<Held>>();

  /** @param stopped from then on nothing is ended here any more. */
  constructor(clock: Clock, stopped: AbortSignal) {
    this.#clock = clock;
    this.#stopped = stopped;
  }

  /** @param end is called at its expiry, and again until it has released it. */
  hold(id: string, held: Held, ttlMs: number, end: () => Promise<void>): void {
    const lease = { held, expiresAt: this.#clock.now() + ttlMs };
    this.#all.set(id, lease);
    void this.#endAtExpiry(id, lease, end).catch(() => undefined);
  }

  /** Also one that has expired and could not be ended yet. */
  get(id: string): Held | undefined {
    return this.#all.get(id)?.held;
  }

  all(): readonly Held[] {
    return [...this.#all.values()].map(({ held }) => held);
  }

  /**
   * @param isHeld whether it can still be renewed.
   * @returns what is renewed; undefined = it has expired, or was never there.
   */
  renew(id: string, ttl: Ms, isHeld: (held: Held) => boolean = () => true): Held | undefined {
    const lease = this.#all.get(id);
    const now = this.#clock.now();
    if (lease === undefined || now >= lease.expiresAt || !isHeld(lease.held)) return undefined;
    lease.expiresAt = now + ttl;
    return lease.held;
  }

  release(id: string): void {
    this.#all.delete(id);
  }

  async #endAtExpiry(id: string, lease: Lease<Held>, end: () => Promise<void>): Promise<void> {
    const isHeld = (): boolean => this.#all.get(id) === lease;
    for (;;) {
      const left = lease.expiresAt - this.#clock.now();
      if (left <= 0) break;
      await this.#clock.sleep(ms(left), this.#stopped);
      if (!isHeld()) return;
    }
    while (isHeld()) await end().catch(() => this.#clock.sleep(END_AGAIN_MS, this.#stopped));
  }
}
