/**
 * A small world to test faults in: links with deadlines, instances that a supervisor brings back, three Kafka brokers
 * with in-sync sets. It lives on a virtual clock and knows every act of core/platform.ts; probes are in fake-probes.ts.
 */
import type { InstanceLife, InstanceState, KafkaPartition, LinkState, Platform } from '../core/platform.ts';
import { type EpochMs, epochMs } from '../core/units.ts';
import type { VirtualClock } from '../system/virtual-clock.ts';
import { type FakeInstanceOptions, FakeInstances } from './fake-instances.ts';
import { type FakeLinkOptions, FakeLinks } from './fake-links.ts';

export interface FakeOptions extends FakeInstanceOptions, FakeLinkOptions {}

const ISR_SHRINK_MS = 1500;
const ISR_GROW_MS = 300;
/** Grain of the world: everything that happens by itself happens on a multiple of this. */
const STEP_MS = 10;
const BROKERS = [1, 2, 3];
const SERVICES = [
  'gateway',
  'specialist-business',
  'specialist-technical',
  'hive',
  ...BROKERS.map((id) => `kafka-${id}`),
];

const link = (from: string, to: string, suffix = '') => ({ name: `${from}->${to}${suffix}`, from, to });
const kafka = BROKERS.map((id) => `kafka-${id}`);
const LINKS: readonly { readonly name: string; readonly from: string; readonly to: string }[] = [
  ...['gateway', 'hive', 'probe'].flatMap((client) =>
    ['redis', ...kafka].map((server) => link(client, server)),
  ),
  ...kafka.flatMap((from) =>
    kafka.filter((to) => to !== from).flatMap((to) => [link(from, to), link(from, to, ':controller')]),
  ),
];

export class FakePlatform {
  readonly options: FakeOptions;
  readonly clock: VirtualClock;
  readonly platform: Platform;
  readonly net: FakeLinks;
  /** Every act that changed something, for tests that look at the order. */
  readonly acts: string[] = [];
  partitions: KafkaPartition[] = [1, 2, 3].map((leader) => ({
    topic: 'intentions.business',
    partition: leader - 1,
    leader,
    replicas: BROKERS,
    isr: BROKERS,
  }));
  controller = 2;
  readonly #instances: FakeInstances;
  readonly #isolated = new Map<number, number>();
  readonly #growAt = new Map<number, number>();
  readonly #onStep: ((at: EpochMs) => void)[] = [];
  #at: number;

  constructor(clock: VirtualClock, options: FakeOptions = {}) {
    this.clock = clock;
    this.options = options;
    this.#at = clock.now();
    this.net = new FakeLinks(clock, options, this.acts, LINKS);
    this.#instances = new FakeInstances(clock, options, this.acts, SERVICES);
    this.platform = {
      handle: { platform: 'kubernetes', identity: 'fake' },
      topology: {
        platform: 'sandbox',
        identity: 'fake',
        gateway: { url: 'http://127.0.0.1:1' },
        specialists: { business: '127.0.0.1:2', technical: '127.0.0.1:3' },
        redis: { url: 'redis://127.0.0.1:4' },
        kafka: { brokers: BROKERS.map((id) => ({ id, client: `127.0.0.1:${10 + id}` })) },
      },
      links: {
        list: async () => this.#now(() => this.links()),
        impair: async (impairment) => this.#now(() => this.net.impair(impairment)),
        renew: async (id, ttl) => this.#now(() => this.net.renew(id, ttl)),
        heal: async (id) => this.#now(() => this.net.heal(id)),
      },
      instances: {
        list: async (service) => this.#now(() => this.instances(service)),
        signal: async (victim, signal) => this.#now(() => this.#instances.signal(victim, signal)),
        lives: async (service) => this.#now(() => this.lives(service)),
      },
      kafka: {
        leaderOf: async (topic) =>
          this.#now(() => this.partitions.find((one) => one.topic === topic)?.leader ?? -1),
        controller: async () => this.#now(() => this.controller),
        brokers: () => BROKERS,
        partitions: async () => this.#now(() => this.partitions),
      },
    };
  }

  /** Calls back at each step of the world, for probes. */
  onStep(see: (at: EpochMs) => void): void {
    this.#onStep.push(see);
  }

  /** Lets the world catch up with the clock. */
  catchUp(): void {
    while (this.#at + STEP_MS <= this.clock.now()) {
      this.#at += STEP_MS;
      this.#step(this.#at);
      for (const see of this.#onStep) see(epochMs(this.#at));
    }
  }

  links(): readonly LinkState[] {
    return this.net.list();
  }

  get placed(): FakeLinks['placed'] {
    return this.net.placed;
  }

  /** A question and its answer cannot both pass. */
  isBroken(link: string): boolean {
    const { net } = this;
    return net.isCut(link, 'to-server') || net.isCut(link, 'to-client') || net.isReset(link);
  }

  instances(service?: string): readonly InstanceState[] {
    return this.#instances.list(service);
  }

  lives(service: string): readonly InstanceLife[] {
    return this.#instances.lives(service);
  }

  #now<T>(act: () => T): T {
    this.catchUp();
    return act();
  }

  #step(at: number): void {
    this.net.step(at);
    this.#instances.step(at);
    for (const broker of BROKERS) this.#replicate(broker, at);
  }

  #replicate(broker: number, at: number): void {
    const among = LINKS.filter(
      (link) => link.from.startsWith('kafka') && [link.from, link.to].includes(`kafka-${broker}`),
    );
    const isDead = this.instances(`kafka-${broker}`).length === 0;
    const isOut = isDead || among.every(({ name }) => this.isBroken(name));
    const since = this.#isolated.get(broker);
    if (isOut && since === undefined) this.#isolated.set(broker, at);
    if (isOut && since !== undefined && at - since >= ISR_SHRINK_MS) this.#shrink(broker);
    if (!isOut && since !== undefined) {
      this.#isolated.delete(broker);
      this.#growAt.set(broker, at + ISR_GROW_MS);
    }
    if ((this.#growAt.get(broker) ?? Number.POSITIVE_INFINITY) <= at) {
      this.#growAt.delete(broker);
      this.partitions = this.partitions.map((one) => ({
        ...one,
        isr: BROKERS.filter((id) => id === broker || one.isr.includes(id)),
      }));
    }
  }

  #shrink(broker: number): void {
    this.partitions = this.partitions.map((one) => {
      const isr = one.isr.filter((id) => id !== broker);
      return { ...one, isr, leader: one.leader === broker ? (isr[0] ?? -1) : one.leader };
    });
    if (this.controller === broker) this.controller = BROKERS.find((id) => id !== broker) ?? -1;
  }
}
