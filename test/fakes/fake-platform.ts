/**
 * A small world for tests of faults: links with deadlines, instances that a supervisor restarts, three Kafka
 * brokers with in-sync sets. It runs on a virtual clock and has every act of core/platform.ts; probes are in
 * fake-probes.ts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSystem } from '../../src/config/system/read-system.ts';
import type { InstanceLife, ProcessState } from '../../src/core/acts/instance-acts.ts';
import type { KafkaPartition } from '../../src/core/acts/kafka-acts.ts';
import type { LinkState } from '../../src/core/acts/link-acts.ts';
import type { Platform } from '../../src/core/acts/platform.ts';
import { replicaBounds } from '../../src/core/system.ts';
import { type Addresses, type ProcessVictim, servicesAt } from '../../src/core/topology.ts';
import { type EpochMs, epochMs } from '../../src/core/units.ts';
import { FakeClusterJournal } from './fake-cluster-journal.ts';
import { FakeCpuLimits, type FakeLimitOptions } from './fake-cpu-limits.ts';
import { FakeHttp } from './fake-http.ts';
import { type FakeInstanceOptions, FakeInstances } from './fake-instances.ts';
import { BROKERS, FakeKafka } from './fake-kafka.ts';
import { FakeKafkaTopic, type FakeTopicOptions } from './fake-kafka-topic.ts';
import { type FakeLinkOptions, FakeLinks } from './fake-links.ts';
import { FakeMemory, type FakeMemoryOptions } from './fake-memory.ts';
import { FakeRedis, type FakeRedisOptions } from './fake-redis.ts';
import { FakeStress, type FakeStressOptions } from './fake-stress.ts';
import { type FakeWorkloadOptions, fakeWorkloads } from './fake-workloads.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface FakeOptions
  extends FakeInstanceOptions,
    FakeLimitOptions,
    FakeLinkOptions,
    FakeMemoryOptions,
    FakeRedisOptions,
    FakeStressOptions,
    FakeTopicOptions,
    FakeWorkloadOptions {}

const SHOP = parseSystem('shop.yaml', readFileSync(join(import.meta.dirname, 'shop.yaml'), 'utf8'));
const SHOP_ADDRESSES: Addresses = {
  web: { http: [{ address: 'http://127.0.0.1:1' }] },
  orders: { grpc: [{ address: '127.0.0.1:2' }] },
  payments: { grpc: [{ address: '127.0.0.1:3' }] },
  kafka: { kafka: BROKERS.map((id) => ({ id, address: `127.0.0.1:${10 + id}` })) },
  redis: { redis: [{ address: 'redis://127.0.0.1:4' }] },
};

/** Time step of the world: all events without an act happen on a multiple of it. */
const STEP_MS = 10;
const SERVICES = ['web', 'orders', 'payments', 'planner', ...BROKERS.map((id) => `kafka-${id}`)];

const link = (from: string, to: string, suffix = '') => ({ name: `${from}->${to}${suffix}`, from, to });
const kafka = BROKERS.map((id) => `kafka-${id}`);
const LINKS: readonly { readonly name: string; readonly from: string; readonly to: string }[] = [
  ...['client', 'probe'].map((client) => link(client, 'web')),
  ...['client', 'planner', 'probe'].map((client) => link(client, 'orders')),
  ...['web', 'planner', 'probe'].flatMap((client) =>
    ['redis', ...kafka].map((server) => link(client, server)),
  ),
  ...kafka.flatMap((from) =>
    kafka.filter((to) => to !== from).flatMap((to) => [link(from, to), link(from, to, ':controller')]),
  ),
];

/** Held by a run, so that recovery of a dead run checks the target even when no act had begun. */
const CLUSTER = { kubeconfig: '/dev/null', context: 'fake', services: {}, holder: 'harness' };
const BROKER_LINKS = LINKS.filter((one) => one.from.startsWith('kafka'));

export class FakePlatform {
  readonly options: FakeOptions;
  readonly clock: VirtualClock;
  readonly platform: Platform;
  readonly net: FakeLinks;
  readonly redis: FakeRedis;
  /** Its only topic. */
  readonly topic: FakeKafkaTopic;
  readonly http: FakeHttp;
  readonly stress: FakeStress;
  readonly limits: FakeCpuLimits;
  readonly clusterJournal = new FakeClusterJournal();
  readonly memory: FakeMemory;
  /** Every act that changed something, for tests of the order. */
  readonly acts: string[] = [];
  readonly #instances: FakeInstances;
  readonly kafka = new FakeKafka();
  readonly #onStep: ((at: EpochMs) => void)[] = [];
  #at: number;

  constructor(clock: VirtualClock, options: FakeOptions = {}) {
    this.clock = clock;
    this.options = options;
    this.#at = clock.now();
    this.net = new FakeLinks(clock, options, this.acts, LINKS);
    this.#instances = new FakeInstances(clock, options, this.acts, SERVICES);
    this.redis = new FakeRedis(this);
    this.topic = new FakeKafkaTopic(this);
    this.http = new FakeHttp(this);
    this.stress = new FakeStress(this);
    this.limits = new FakeCpuLimits(this);
    this.memory = new FakeMemory(this);
    this.platform = {
      handle: { platform: 'kubernetes', identity: 'fake', kubernetes: CLUSTER },
      topology: { platform: 'sandbox', identity: 'fake', services: servicesAt(SHOP, SHOP_ADDRESSES) },
      replicas: replicaBounds(SHOP),
      links: {
        list: async () => this.#now(() => this.links()),
        impair: async (impairment) => this.#now(() => this.net.impair(impairment)),
        renew: async (id, ttl) => this.#now(() => this.net.renew(id, ttl)),
        heal: async (id) => this.#now(() => this.net.heal(id)),
      },
      instances: {
        list: async (service) => this.#now(() => this.instances(service)),
        signal: async (victim, signal) => this.#now(() => this.#instances.signal(victim, signal)),
        pausing: {
          stop: async (victim) => this.#now(() => this.#instances.signal(victim, 'SIGSTOP')),
          resume: async (victim) => this.#now(() => this.#instances.signal(victim, 'SIGCONT')),
        },
        lives: async (service) => this.#now(() => this.lives(service)),
      },
      workloads: fakeWorkloads(this.#instances, options, (act) => this.#now(act)),
      kafka: {
        leaderOf: async (topic) =>
          this.#now(() => this.partitions.find((one) => one.topic === topic)?.leader ?? -1),
        controller: async () => this.#now(() => this.controller),
        brokers: () => BROKERS,
        partitions: async () => this.#now(() => this.partitions),
        topics: this.topic.acts,
      },
      redis: this.redis.acts,
      http: this.http.acts,
      stress: this.stress.acts,
      clusterJournal: this.clusterJournal.acts,
      memory: this.memory.acts,
    };
  }

  /** Calls back at each step of the world, for probes. */
  onStep(see: (at: EpochMs) => void): void {
    this.#onStep.push(see);
  }

  /** Advances the world to the time of the clock. */
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

  get partitions(): KafkaPartition[] {
    return this.kafka.partitions;
  }

  set partitions(partitions: KafkaPartition[]) {
    this.kafka.partitions = partitions;
  }

  get controller(): number {
    return this.kafka.controller;
  }

  set controller(id: number) {
    this.kafka.controller = id;
  }

  /** True when a request and its answer cannot both pass. */
  isBroken(link: string): boolean {
    const { net } = this;
    return net.isCut(link, 'to-server') || net.isCut(link, 'to-client') || net.isReset(link);
  }

  instances(service?: string): readonly ProcessState[] {
    return this.#instances.list(service);
  }

  /** A kill by the kernel, not by an act. */
  kill(victim: ProcessVictim): void {
    this.#instances.signal(victim, 'SIGKILL');
  }

  /** How many instances each service is to have. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(SERVICES.map((service) => [service, this.#instances.count(service)]));
  }

  /** Another party sets the number, not an act. */
  scale(service: string, to: number): void {
    this.#instances.scale(service, to);
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
    this.kafka.step(at, (a, b) => this.#isApart(a, b));
    this.redis.step(at);
    this.http.step(at);
    this.stress.step(at);
    this.limits.step();
    this.memory.step(at);
  }

  #isApart(a: number, b: number): boolean {
    const isDead = (id: number): boolean => this.instances(`kafka-${id}`).length === 0;
    const names = [`kafka-${a}`, `kafka-${b}`];
    const between = BROKER_LINKS.filter(({ from, to }) => names.includes(from) && names.includes(to));
    return isDead(a) || isDead(b) || between.every(({ name }) => this.isBroken(name));
  }
}
