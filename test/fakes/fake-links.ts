/**
 * The links of the fake platform: traffic in every step, impairments with deadlines, and the counters of a
 * real proxy. The steps of fake-platform.ts drive it.
 */
import type { Impairment, LinkDirection, LinkState, LinkTraffic } from '../../src/core/acts/link-acts.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface FakeLinkOptions {
  /** Traffic bypasses the proxies: impairments are accepted and change nothing. */
  readonly bypassed?: boolean;
  /** Unused links, by the prefix of their names. */
  readonly idleLinks?: string;
  /** Clients keep their connections and open none. */
  readonly noNewConnections?: boolean;
}

interface Placed {
  readonly impairment: Impairment;
  expiresAt: number;
}

interface Flow {
  bytes: number;
  chunks: number;
  heldMs: number;
  stuckBytes: number;
}

interface FakeLink {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly toServer: Flow;
  readonly toClient: Flow;
  resets: number;
  rejected: number;
}

/** Bytes sent in one step: a request and its answer. */
const REQUEST_BYTES = 60;
const ANSWER_BYTES = 40;
const MOST_STUCK_BYTES = 1000;

const still = (): Flow => ({ bytes: 0, chunks: 0, heldMs: 0, stuckBytes: 0 });

export class FakeLinks {
  readonly placed = new Map<string, Placed>();
  readonly #clock: VirtualClock;
  readonly #options: FakeLinkOptions;
  readonly #acts: string[];
  readonly #links: readonly FakeLink[];

  /** @param acts records every change. */
  constructor(
    clock: VirtualClock,
    options: FakeLinkOptions,
    acts: string[],
    names: readonly { readonly name: string; readonly from: string; readonly to: string }[],
  ) {
    this.#clock = clock;
    this.#options = options;
    this.#acts = acts;
    this.#links = names.map((one) => ({
      ...one,
      toServer: still(),
      toClient: still(),
      resets: 0,
      rejected: 0,
    }));
  }

  list(): readonly LinkState[] {
    return this.#links.map((link) => ({
      name: link.name,
      from: link.from,
      to: link.to,
      connections: this.isReset(link.name) ? 0 : 1,
      bytes: link.toServer.bytes + link.toClient.bytes,
      traffic: trafficOf(link),
      impairedBy: this.on(link.name).map((one) => one.id),
    }));
  }

  /** The impairments on a link, effective or (when bypassed) only accepted. */
  on(link: string): readonly Impairment[] {
    if (this.placed.size === 0) return [];
    return [...this.placed.values()].map((one) => one.impairment).filter((one) => one.links.includes(link));
  }

  isCut(link: string, direction: LinkDirection): boolean {
    return this.#works(
      link,
      ({ effect }) => effect.kind === 'cut' && (effect.direction ?? direction) === direction,
    );
  }

  isReset(link: string): boolean {
    return this.#works(link, ({ effect }) => effect.kind === 'reset');
  }

  /** The answer to a new connection, which is then closed; undefined: it is carried. */
  rejects(link: string): string | undefined {
    if (this.#options.bypassed === true) return undefined;
    const [answer] = this.on(link).flatMap(({ effect }) =>
      effect.kind === 'reject' ? [effect.answer ?? ''] : [],
    );
    return answer;
  }

  /** The delay of one round trip with this many bits in each direction, in ms. */
  slower(link: string, bits: number): number {
    if (this.#options.bypassed === true) return 0;
    return this.on(link).reduce((sum, { effect }) => {
      if (effect.kind !== 'throttle') return sum;
      const transfer = effect.bitsPerSecond === undefined ? 0 : (2 * bits * 1000) / effect.bitsPerSecond;
      return sum + transfer + (effect.latencyMs ?? 0);
    }, 0);
  }

  impair(impairment: Impairment): void {
    this.#acts.push(`impair ${impairment.effect.kind}`);
    this.placed.set(impairment.id, { impairment, expiresAt: this.#clock.now() + impairment.ttlMs });
    for (const link of this.#links) {
      const isOurs = impairment.effect.kind === 'reset' && impairment.links.includes(link.name);
      if (isOurs && this.#isUsed(link)) link.resets += 1;
    }
  }

  renew(id: string, ttl: number): boolean {
    const placed = this.placed.get(id);
    if (placed) placed.expiresAt = this.#clock.now() + ttl;
    return placed !== undefined;
  }

  heal(id: string): void {
    this.#acts.push('heal');
    this.placed.delete(id);
  }

  step(at: number): void {
    for (const [id, placed] of this.placed) if (placed.expiresAt <= at) this.placed.delete(id);
    for (const link of this.#links) if (this.#isUsed(link)) this.#exchange(link);
  }

  /** A request and, when it arrived, its answer. */
  #exchange(link: FakeLink): void {
    if (this.isReset(link.name)) {
      link.resets += 1;
      return;
    }
    // In each step a new connection comes, beside the one that is open.
    if (this.rejects(link.name) !== undefined && this.#options.noNewConnections !== true) link.rejected += 1;
    const hasArrived = this.#send(link, 'to-server', link.toServer, REQUEST_BYTES);
    if (hasArrived) this.#send(link, 'to-client', link.toClient, ANSWER_BYTES);
  }

  #send(link: FakeLink, direction: LinkDirection, flow: Flow, bytes: number): boolean {
    if (this.isCut(link.name, direction)) {
      flow.stuckBytes = Math.min(MOST_STUCK_BYTES, flow.stuckBytes + bytes);
      return false;
    }
    flow.bytes += bytes + flow.stuckBytes;
    flow.chunks += 1;
    flow.stuckBytes = 0;
    // Half of a round trip's transfer, and the latency in the direction to the server only.
    const transfer = (this.slower(link.name, 8 * bytes) - this.slower(link.name, 0)) / 2;
    flow.heldMs += transfer + (direction === 'to-server' ? this.slower(link.name, 0) : 0);
    return true;
  }

  #isUsed(link: FakeLink): boolean {
    const { bypassed, idleLinks } = this.#options;
    return bypassed !== true && (idleLinks === undefined || !link.name.startsWith(idleLinks));
  }

  #works(link: string, is: (impairment: Impairment) => boolean): boolean {
    return this.#options.bypassed !== true && this.on(link).some(is);
  }
}

const trafficOf = ({ toServer, toClient, resets, rejected }: FakeLink): LinkTraffic => ({
  toServer: { ...toServer },
  toClient: { ...toClient },
  waiting: 0,
  resets,
  rejected,
});
