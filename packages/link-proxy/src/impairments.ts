/**
 * The impairments in place and their leases. Each ends by itself when its time is over and nobody has renewed it:
 * a timer of this process alone (monotonic, as all Node timers), so that no death of a client can leave a fault behind.
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

  /** Puts an impairment in place on all of its links in one turn. The same id again replaces effect, links and time. */
  put(impairment: Impairment): void {
    const { id } = impairment;
    this.heal(id);
    const links = impairment.links.flatMap((name) => this.#links.get(name) ?? []);
    const effect = activate(impairment.effect);
    this.#leases.set(id, { links, timer: this.#expire(id, impairment.ttlMs) });
    for (const link of links) link.impair(id, effect);
  }

  /** False when it is not in place any more. */
  renew(id: string, ttlMs: number): boolean {
    const lease = this.#leases.get(id);
    if (!lease) return false;
    clearTimeout(lease.timer);
    lease.timer = this.#expire(id, ttlMs);
    return true;
  }

  /** False when there was nothing to remove. */
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
