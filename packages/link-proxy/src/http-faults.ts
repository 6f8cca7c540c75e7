/**
 * The active request faults and their leases: each ends by itself when it is not renewed in time. While one
 * is active on a link, the link routes through an interposer. Open connections switch to the interposer and
 * back: HTTP/1.1 with the next request, gRPC by a GOAWAY, after which clients dial again for their next call.
 */

import type { HttpFault, HttpFaultState } from '../../../src/core/acts/http-acts.ts';
import { GauntletError } from '../../../src/core/errors.ts';
import { type Rng, seededRng } from '../../../src/core/rng.ts';
import { Alarm, type AlarmClock } from './alarm-clock.ts';
import { GrpcInterposer } from './grpc-interposer.ts';
import { HttpInterposer } from './http-interposer.ts';
import type { Interposer, RequestVerdict } from './interposer.ts';
import type { Link } from './link.ts';

type Protocol = HttpFault['protocol'];

interface Placed {
  readonly fault: HttpFault;
  readonly rng: Rng;
  readonly over: AbortController;
  timer: NodeJS.Timeout;
  requests: number;
  hits: number;
}

export class HttpFaults {
  readonly #links: ReadonlyMap<string, Link>;
  readonly #clock: AlarmClock;
  readonly #placed = new Map<string, Placed>();
  /** Keyed by link: all requests of one link have one protocol. */
  readonly #interposers = new Map<string, { readonly protocol: Protocol; readonly hop: Interposer }>();

  constructor(links: ReadonlyMap<string, Link>, clock: AlarmClock) {
    this.#links = links;
    this.#clock = clock;
  }

  /**
   * The same id again replaces rule, links and time. Rejects when an interposer cannot listen; then no fault
   * is active.
   */
  async put(fault: HttpFault): Promise<void> {
    for (const name of fault.links) await this.#ready(name, fault.protocol);
    this.end(fault.id);
    this.#placed.set(fault.id, {
      fault,
      rng: seededRng(fault.seed),
      over: new AbortController(),
      timer: this.#expire(fault.id, fault.ttlMs),
      requests: 0,
      hits: 0,
    });
    this.#route();
  }

  /** False when it is not active any more. */
  renew(id: string, ttlMs: number): boolean {
    const placed = this.#placed.get(id);
    if (!placed) return false;
    clearTimeout(placed.timer);
    placed.timer = this.#expire(id, ttlMs);
    return true;
  }

  /** False when no such fault was active. Delayed requests continue immediately. */
  end(id: string): boolean {
    const placed = this.#placed.get(id);
    if (!placed) return false;
    clearTimeout(placed.timer);
    this.#placed.delete(id);
    placed.over.abort();
    this.#route();
    return true;
  }

  list(): readonly HttpFaultState[] {
    return [...this.#placed.values()].map(({ fault, requests, hits }) => ({
      id: fault.id,
      links: fault.links,
      requests,
      hits,
    }));
  }

  close(): void {
    for (const id of [...this.#placed.keys()]) this.end(id);
    for (const { hop } of this.#interposers.values()) hop.close();
  }

  #expire(id: string, ttlMs: number): NodeJS.Timeout {
    return setTimeout(() => this.end(id), ttlMs);
  }

  async #ready(name: string, protocol: Protocol): Promise<void> {
    const link = this.#links.get(name);
    const present = this.#interposers.get(name);
    if (!link || present?.protocol === protocol) return;
    if (present) {
      const problem = { subject: `link ${name}`, expected: `faults on ${present.protocol}`, got: protocol };
      throw new GauntletError('usage', [problem]);
    }
    const { listen } = protocol === 'grpc' ? GrpcInterposer : HttpInterposer;
    const hop = await listen(
      () => link.nextServer(),
      (method, path) => this.#judge(name, method, path),
    );
    if (this.#interposers.has(name)) hop.close();
    else this.#interposers.set(name, { protocol, hop });
  }

  /** Changes all links in one turn of the event loop. */
  #route(): void {
    const wanted = new Set([...this.#placed.values()].flatMap((one) => one.fault.links));
    for (const [name, { hop }] of this.#interposers) {
      this.#links.get(name)?.leadThrough(wanted.has(name) ? hop.upstream : undefined);
    }
  }

  /** Several rules compose: delays add up, and the first status wins. */
  #judge(link: string, method: string, path: string): RequestVerdict {
    const hit = [...this.#placed.values()].filter(
      (one) => isMeant(one.fault, link, method, path) && picks(one),
    );
    const delayMs = hit.reduce((sum, one) => sum + delayOf(one), 0);
    const ends = hit.map((one) => one.over.signal);
    return {
      held: delayMs > 0 ? this.#hold(delayMs, ends) : null,
      status: hit.find((one) => one.fault.status !== undefined)?.fault.status ?? null,
    };
  }

  /**
   * Never shorter than the delay, which a Node timer can be, unless a rule ends: no request waits for an
   * ended fault.
   */
  #hold(delayMs: number, ends: readonly AbortSignal[]): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        alarm.clear();
        for (const signal of ends) signal.removeEventListener('abort', done);
        resolve();
      };
      const alarm = new Alarm(this.#clock, done);
      alarm.set(performance.now() + delayMs);
      for (const signal of ends) signal.addEventListener('abort', done, { once: true });
    });
  }
}

const isMeant = (fault: HttpFault, link: string, method: string, path: string): boolean =>
  fault.links.includes(link) &&
  (fault.method === undefined || fault.method === method) &&
  (fault.path === undefined || isUnder(path, fault.path)) &&
  (fault.rpc === undefined || path.endsWith(`/${fault.rpc}`));

/** `/intentions` matches itself and everything below it, but not `/intentions-old`. */
const isUnder = (path: string, prefix: string): boolean =>
  path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);

/** Counts the request and draws whether the rule applies. */
function picks(placed: Placed): boolean {
  placed.requests += 1;
  if (placed.rng.next() >= placed.fault.share) return false;
  placed.hits += 1;
  return true;
}

const delayOf = ({ fault: { delayMs = 0, jitterMs = 0 }, rng }: Placed): number =>
  jitterMs === 0 ? delayMs : delayMs + (rng.next() * 2 - 1) * jitterMs;
