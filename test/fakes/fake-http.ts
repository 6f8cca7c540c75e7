/** Request faults in the fake world: in each step there is one request on each link with a fault. */

import type { HttpActs, HttpFault } from '../../src/core/acts/http-acts.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Ms } from '../../src/core/units.ts';

/** The parts of the fake world that it needs. */
interface FakeHost {
  readonly options: { readonly bypassed?: boolean };
  readonly clock: Clock;
  readonly acts: string[];
  catchUp(): void;
}

interface Placed {
  readonly fault: HttpFault;
  expiresAt: number;
  requests: number;
  hits: number;
}

export class FakeHttp {
  readonly placed = new Map<string, Placed>();
  readonly acts: HttpActs;
  readonly #host: FakeHost;

  constructor(host: FakeHost) {
    this.#host = host;
    const now = <T>(act: () => T): T => {
      host.catchUp();
      return act();
    };
    this.acts = {
      list: async () =>
        now(() =>
          [...this.placed.values()].map(({ fault: { id, links }, requests, hits }) => ({
            id,
            links,
            requests,
            hits,
          })),
        ),
      put: async (fault) => now(() => this.#put(fault)),
      renew: async (id, ttl) => now(() => this.#renew(id, ttl)),
      end: async (id) => now(() => this.#end(id)),
    };
  }

  step(at: number): void {
    for (const [id, one] of this.placed) {
      if (one.expiresAt <= at) this.placed.delete(id);
      else if (this.#host.options.bypassed !== true) {
        one.requests += one.fault.links.length;
        one.hits = Math.floor(one.requests * one.fault.share);
      }
    }
  }

  /** The effect on the probe's GET /ready. */
  answer(): { readonly status: number | undefined; readonly delayMs: number } {
    const chosen = [...this.placed.values()].filter(
      ({ fault }) =>
        this.#host.options.bypassed !== true &&
        fault.links.includes('probe->web') &&
        fault.share === 1 &&
        (fault.path === undefined || fault.path === '/ready') &&
        (fault.method === undefined || fault.method === 'GET'),
    );
    return {
      status: chosen.find(({ fault }) => fault.status !== undefined)?.fault.status,
      delayMs: chosen.reduce((sum, { fault }) => sum + (fault.delayMs ?? 0), 0),
    };
  }

  #put(fault: HttpFault): void {
    this.#host.acts.push('put http-fault');
    this.placed.set(fault.id, {
      fault,
      expiresAt: this.#host.clock.now() + fault.ttlMs,
      requests: 0,
      hits: 0,
    });
  }

  #renew(id: string, ttl: Ms): boolean {
    const one = this.placed.get(id);
    if (one) one.expiresAt = this.#host.clock.now() + ttl;
    return one !== undefined;
  }

  #end(id: string): void {
    this.#host.acts.push('end http-fault');
    this.placed.delete(id);
  }
}
