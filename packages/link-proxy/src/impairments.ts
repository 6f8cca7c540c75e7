/**
 * The active impairments and their leases. Each ends by itself when it is not renewed in time. The timer is
 * in this process only (monotonic, as all Node timers), so that a client that dies cannot leave a fault
 * behind.
 */
import type { Impairment } from '../../../src/core/acts/link-acts.ts';
import { activate } from './lane-effects.ts';
import type { Link } from './link.ts';

interface Lease {
  readonly links: readonly Link[];
  timer: NodeJS.Timeout;
}

export class Impairments {
  readonly #links: ReadonlyMap<string, Link>;
  readonly #leases = new Map<string, Lease>();

  constructor(links: ReadonlyMap<string, Link>) {
    this.#links = links;
  }

  /**
   * Applies an impairment to all of its links in one turn of the event loop. The same id again replaces
   * effect, links and time.
   */
  put(impairment: Impairment): void {
    const { id } = impairment;
    this.heal(id);
    const links = impairment.links.flatMap((name) => this.#links.get(name) ?? []);
    const effect = activate(impairment.effect);
    this.#leases.set(id, { links, timer: this.#expire(id, impairment.ttlMs) });
    for (const link of links) link.impair(id, effect);
  }

  /** False when it is not active any more. */
  renew(id: string, ttlMs: number): boolean {
    const lease = this.#leases.get(id);
    if (!lease) return false;
    clearTimeout(lease.timer);
    lease.timer = this.#expire(id, ttlMs);
    return true;
  }

  /** False when no such impairment was active. */
  heal(id: string): boolean {
    const lease = this.#leases.get(id);
    if (!lease) return false;
    clearTimeout(lease.timer);
    this.#leases.delete(id);
    for (const link of lease.links) link.heal(id);
    return true;
  }

  #expire(id: string, ttlMs: number): NodeJS.Timeout {
    return setTimeout(() => this.heal(id), ttlMs);
  }
}
