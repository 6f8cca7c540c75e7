/**
 * A small world to test faults in: links with deadlines, instances that a supervisor brings back, three Kafka brokers
 * with in-sync sets. It lives on a virtual clock and knows every act of core/platform.ts; probes are in fake-probes.ts.
 */
import type {
  Impairment,
  InstanceLife,
  InstanceState,
  KafkaPartition,
  LinkState,
  Platform,
} from '../core/platform.ts';
import type { ProcessVictim, Victim } from '../core/topology.ts';
import { type EpochMs, epochMs } from '../core/units.ts';
import type { VirtualClock } from '../system/virtual-clock.ts';

export interface FakeOptions {
  /** Traffic walks around the proxies: impairments are accepted and change nothing. */
  readonly bypassed?: boolean;
  /** Brokers have nothing to say to each other. */
  readonly idleBrokers?: boolean;
  /** Replicas of each service; default 1, gateway 2. */
  readonly replicas?: Readonly<Record<string, number>>;
  /** From the death of an instance to the start of its successor; default 300. */
  readonly restartMs?: number;
  /** From its start until it is ready; default 500. */
  readonly readyMs?: number;
}

type ProcessLife = Extract<InstanceLife, ProcessVictim>;
type ProcessState = Extract<InstanceState, ProcessVictim>;

interface Slot {
  readonly service: string;
  readonly instance: string;
  readonly lives: ProcessLife[];
}

interface Placed {
  readonly impairment: Impairment;
  expiresAt: number;
}

const RESTART_MS = 300;
const READY_MS = 500;
const ISR_SHRINK_MS = 1500;
const ISR_GROW_MS = 300;
/** Grain of the world: everything that happens by itself happens on a multiple of this. */
const STEP_MS = 10;
const BROKERS = [1, 2, 3];
const SERVICES = ['gateway', 'specialist-business', 'specialist-technical', 'hive'];

export class FakePlatform {
  readonly options: FakeOptions;
  readonly clock: VirtualClock;
  readonly platform: Platform;
  readonly placed = new Map<string, Placed>();
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
  readonly #slots: Slot[] = [];
  readonly #links: readonly { name: string; from: string; to: string }[] = linkNames();
  readonly #bytes = new Map<string, number>();
  readonly #isolated = new Map<number, number>();
  readonly #growAt = new Map<number, number>();
  readonly #onStep: ((at: EpochMs) => void)[] = [];
  #nextPid = 100;
  #at: number;

  constructor(clock: VirtualClock, options: FakeOptions = {}) {
    this.clock = clock;
    this.options = options;
    this.#at = clock.now();
    for (const service of SERVICES) {
      const count = options.replicas?.[service] ?? (service === 'gateway' ? 2 : 1);
      for (let index = 0; index < count; index += 1) this.#start(service, `${service}-${index}`);
    }
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
        impair: async (impairment) => this.#now(() => this.#impair(impairment)),
        renew: async (id, ttl) => this.#now(() => this.#renew(id, ttl)),
        heal: async (id) => this.#now(() => this.#heal(id)),
      },
      instances: {
        list: async (service) => this.#now(() => this.instances(service)),
        signal: async (victim, signal) => this.#now(() => this.#signal(victim, signal)),
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
    return this.#links.map((link) => ({
      ...link,
      connections: 1,
      bytes: this.#bytes.get(link.name) ?? 0,
      impairedBy: this.impairments(link.name).map((one) => one.id),
    }));
  }

  impairments(link: string): readonly Impairment[] {
    return [...this.placed.values()].map((one) => one.impairment).filter((one) => one.links.includes(link));
  }

  isCut(link: string): boolean {
    return this.options.bypassed !== true && this.impairments(link).some((one) => one.effect.kind === 'cut');
  }

  instances(service?: string): readonly ProcessState[] {
    return this.#slots
      .filter((slot) => service === undefined || slot.service === service)
      .flatMap((slot) => {
        const life = slot.lives.at(-1);
        if (life === undefined || life.endedAt !== null) return [];
        const { service: name, instance, pid, startTicks } = life;
        const ready = life.readyAt !== null && life.readyAt <= this.clock.now();
        return [{ service: name, instance, pid, startTicks, ready, restarts: slot.lives.length - 1 }];
      });
  }

  lives(service: string): readonly InstanceLife[] {
    const all = this.#slots.filter((slot) => slot.service === service).flatMap((slot) => slot.lives);
    return [...all].sort((a, b) => a.startedAt - b.startedAt);
  }

  #now<T>(act: () => T): T {
    this.catchUp();
    return act();
  }

  #impair(impairment: Impairment): void {
    this.acts.push(`impair ${impairment.effect.kind}`);
    this.placed.set(impairment.id, { impairment, expiresAt: this.clock.now() + impairment.ttlMs });
  }

  #renew(id: string, ttl: number): boolean {
    const placed = this.placed.get(id);
    if (placed) placed.expiresAt = this.clock.now() + ttl;
    return placed !== undefined;
  }

  #heal(id: string): void {
    this.acts.push('heal');
    this.placed.delete(id);
  }

  #start(service: string, instance: string): void {
    const pid = this.#nextPid++;
    const startedAt = this.clock.now();
    const life: ProcessLife = {
      service,
      instance,
      pid,
      startTicks: String(pid * 7),
      startedAt,
      readyAt: startedAt,
      endedAt: null,
    };
    this.#slots.push({ service, instance, lives: [life] });
  }

  #signal(victim: Victim, signal: string): 'sent' | 'gone' {
    if (!('pid' in victim)) return 'gone';
    for (const slot of this.#slots) {
      const life = slot.lives.at(-1);
      if (life?.pid !== victim.pid || life.startTicks !== victim.startTicks || life.endedAt !== null)
        continue;
      this.acts.push(signal);
      slot.lives[slot.lives.length - 1] = { ...life, endedAt: this.clock.now() };
      return 'sent';
    }
    return 'gone';
  }

  #step(at: number): void {
    for (const [id, placed] of this.placed) if (placed.expiresAt <= at) this.placed.delete(id);
    for (const slot of this.#slots) this.#supervise(slot, at);
    for (const link of this.#links) {
      const isIdle =
        this.options.bypassed === true || (this.options.idleBrokers && link.from.startsWith('kafka'));
      if (!isIdle && !this.isCut(link.name)) {
        this.#bytes.set(link.name, (this.#bytes.get(link.name) ?? 0) + 100);
      }
    }
    for (const broker of BROKERS) this.#replicate(broker, at);
  }

  #supervise(slot: Slot, at: number): void {
    const life = slot.lives.at(-1);
    if (
      life === undefined ||
      life.endedAt === null ||
      at < life.endedAt + (this.options.restartMs ?? RESTART_MS)
    )
      return;
    const pid = this.#nextPid++;
    const startedAt = epochMs(at);
    const readyAt = epochMs(at + (this.options.readyMs ?? READY_MS));
    slot.lives.push({ ...life, pid, startTicks: String(pid * 7), startedAt, readyAt, endedAt: null });
  }

  #replicate(broker: number, at: number): void {
    const among = this.#links.filter(
      (link) => link.from.startsWith('kafka') && [link.from, link.to].includes(`kafka-${broker}`),
    );
    const isOut = among.every((link) => this.isCut(link.name));
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

function linkNames(): readonly { name: string; from: string; to: string }[] {
  const link = (from: string, to: string, suffix = '') => ({ name: `${from}->${to}${suffix}`, from, to });
  const kafka = BROKERS.map((id) => `kafka-${id}`);
  return [
    ...['gateway', 'hive', 'probe'].flatMap((client) =>
      ['redis', ...kafka].map((server) => link(client, server)),
    ),
    ...kafka.flatMap((from) =>
      kafka.filter((to) => to !== from).flatMap((to) => [link(from, to), link(from, to, ':controller')]),
    ),
  ];
}
