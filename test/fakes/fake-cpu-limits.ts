/** The CPU limits of the fake platform's containers: who works more than the limit allows is held back. */
import type { CpuLimit, CpuLimitActs, LimitedContainer } from '../../src/core/acts/cpu-limit-acts.ts';
import { cpusIn, isBetween, isSameLimit } from '../../src/core/acts/cpu-limit-acts.ts';
import type { ProcessState } from '../../src/core/acts/instance-acts.ts';
import type { ContainerVictim } from '../../src/core/topology.ts';
import { containerOf } from './fake-containers.ts';

export interface FakeLimitOptions {
  /** Services that never want a CPU. */
  readonly idle?: readonly string[];
  /** Of every container before a fault; default none. */
  readonly cpuLimit?: CpuLimit;
  /** The kernel keeps the limit, and lets everyone pass. */
  readonly limitIgnored?: boolean;
}

interface FakeHost {
  readonly options: FakeLimitOptions;
  readonly acts: string[];
  catchUp(): void;
  instances(service?: string): readonly ProcessState[];
}

interface Use {
  limit: CpuLimit;
  cpuMs: number;
  heldMs: number;
  heldPeriods: number;
}

const NONE: CpuLimit = { quotaUs: null, periodUs: 100_000 };
const WORK_MS = 0.5;

export class FakeCpuLimits {
  readonly acts: CpuLimitActs;
  readonly #host: FakeHost;
  readonly #uses = new Map<string, Use>();

  constructor(host: FakeHost) {
    this.#host = host;
    this.acts = {
      list: async (service) => {
        host.catchUp();
        return this.#list(service);
      },
      set: async (victim, from, to) => {
        host.catchUp();
        return this.#set(victim, from, to);
      },
      heldPeriods: async (victim) => {
        host.catchUp();
        if (!this.#isThere(victim)) return null;
        return cpusIn(this.#useOf(victim.container).limit) < 1 ? 1 : 0;
      },
    };
  }

  /** Everything that a fault could have left. */
  traces(): unknown {
    return this.#host.instances().map((one) => [one.instance, this.#useOf(containerOf(one).container).limit]);
  }

  /** A `docker update` by another party. */
  update(instance: string, limit: CpuLimit): void {
    const one = this.#host.instances().find((each) => each.instance === instance);
    if (one !== undefined) this.#useOf(containerOf(one).container).limit = limit;
  }

  step(): void {
    const { idle = [], limitIgnored = false } = this.#host.options;
    for (const one of this.#host.instances()) {
      if (idle.includes(one.service)) continue;
      const use = this.#useOf(containerOf(one).container);
      use.cpuMs += WORK_MS;
      const cpus = cpusIn(use.limit);
      if (cpus >= 1 || limitIgnored) continue;
      use.heldMs += WORK_MS * (1 / cpus - 1);
      use.heldPeriods += 1;
    }
  }

  #list(service: string): readonly LimitedContainer[] {
    return this.#host.instances(service).map((one) => {
      const victim = containerOf(one);
      return { ...victim, ...this.#useOf(victim.container) };
    });
  }

  #set(victim: ContainerVictim, from: CpuLimit, to: CpuLimit): 'set' | 'gone' | 'foreign' {
    if (!this.#isThere(victim)) return 'gone';
    const use = this.#useOf(victim.container);
    if (isSameLimit(use.limit, to)) return 'set';
    if (!isBetween(use.limit, from, to)) return 'foreign';
    this.#host.acts.push(`limit ${victim.instance}`);
    use.limit = to;
    return 'set';
  }

  #isThere({ container }: ContainerVictim): boolean {
    return this.#host.instances().some((one) => containerOf(one).container === container);
  }

  #useOf(container: string): Use {
    const limit = this.#host.options.cpuLimit ?? NONE;
    const found = this.#uses.get(container) ?? { limit, cpuMs: 10, heldMs: 0, heldPeriods: 0 };
    this.#uses.set(container, found);
    return found;
  }
}
