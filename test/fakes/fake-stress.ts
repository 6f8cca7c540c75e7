/**
 * The CPUs of the fake platform: instances work a little, wait under stress, and a stress expires by itself.
 */

import type { ProcessState } from '../../src/core/acts/instance-acts.ts';
import type { CpuUse, Stress, StressActs, StressMeans } from '../../src/core/acts/stress-acts.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { ProcessVictim } from '../../src/core/topology.ts';

export interface FakeStressOptions {
  /** The available means; default affinity by taskset. */
  readonly stressMeans?: StressMeans;
  /** Services that never want a CPU. */
  readonly idle?: readonly string[];
  /** Affinities are set and spinners run, but the victim never waits: the kernel schedules it first. */
  readonly unsqueezable?: boolean;
  /** CPUs of each process; default `0-1`. */
  readonly cpus?: string;
}

interface FakeHost {
  readonly options: FakeStressOptions;
  readonly clock: Clock;
  readonly acts: string[];
  catchUp(): void;
  instances(): readonly ProcessState[];
}

interface Use {
  cpus: string;
  cpuMs: number;
  waitedMs: number;
}

interface Placed extends Stress {
  expiresAt: number;
  spinners: number;
  spunMs: number;
}

const STEP_MS = 10;
/** CPU time of a normal instance in each step. */
const WORK_MS = 0.5;
const USUAL_COST = 0.1;

export class FakeStress {
  readonly placed = new Map<string, Placed>();
  readonly acts: StressActs;
  readonly #host: FakeHost;
  readonly #uses = new Map<string, Use>();

  constructor(host: FakeHost) {
    this.#host = host;
    const now = <T>(act: () => T): T => {
      host.catchUp();
      return act();
    };
    this.acts = {
      means: async () =>
        host.options.stressMeans ?? { kind: 'affinity', tool: 'taskset from util-linux 2.38' },
      cpu: async (service) => now(() => this.#cpu(service)),
      list: async () =>
        now(() =>
          [...this.placed.values()].map(({ id, cpu, spinners, spunMs }) => ({
            id,
            cpu,
            spinners,
            spinnerCpuMs: spunMs,
          })),
        ),
      begin: async (stress) => now(() => this.#begin(stress)),
      renew: async (id, ttl) => now(() => this.#renew(id, ttl)),
      end: async (stress) => now(() => this.#end(stress)),
    };
  }

  /** Everything that a fault could have left. */
  traces(): unknown {
    const cpus = this.#host.instances().map((one) => [one.instance, this.#useOf(one).cpus]);
    return { spinners: [...this.placed.keys()], cpus };
  }

  /** A taskset by another party. */
  move(victim: ProcessVictim, cpus: string): void {
    this.#useOf(victim).cpus = cpus;
  }

  step(at: number): void {
    for (const stress of [...this.placed.values()]) {
      if (stress.expiresAt <= at) this.#end(stress);
      else stress.spunMs += STEP_MS;
    }
    for (const one of this.#host.instances()) {
      if (this.#host.options.idle?.includes(one.service) === true) continue;
      const use = this.#useOf(one);
      const beside = [...this.placed.values()].find((stress) => String(stress.cpu) === use.cpus);
      const isFelt = beside !== undefined && this.#host.options.unsqueezable !== true;
      use.cpuMs += WORK_MS;
      use.waitedMs += WORK_MS * (USUAL_COST + (isFelt ? beside.spinners : 0));
    }
  }

  #cpu(service: string): readonly CpuUse[] {
    return this.#host
      .instances()
      .filter((one) => one.service === service)
      .map((one) => {
        const { instance, pid, startTicks } = one;
        return { service, instance, pid, startTicks, ...this.#useOf(one) };
      });
  }

  #useOf({ pid }: Pick<ProcessVictim, 'pid'>): Use {
    const key = String(pid);
    const found = this.#uses.get(key) ?? { cpus: this.#host.options.cpus ?? '0-1', cpuMs: 10, waitedMs: 1 };
    this.#uses.set(key, found);
    return found;
  }

  #begin(stress: Stress): void {
    this.#host.acts.push(`stress ${stress.victims.map((one) => one.victim.instance).join(' ')}`);
    const expiresAt = this.#host.clock.now() + stress.ttlMs;
    this.placed.set(stress.id, { ...stress, expiresAt, spinners: stress.workers, spunMs: 0 });
    for (const { victim } of stress.victims) if (this.#isThere(victim)) this.move(victim, String(stress.cpu));
  }

  #renew(id: string, ttl: number): boolean {
    const stress = this.placed.get(id);
    const isHeld = stress?.victims.every(
      ({ victim }) => this.#isThere(victim) && this.#useOf(victim).cpus === String(stress.cpu),
    );
    if (stress === undefined || isHeld !== true || stress.spinners < stress.workers) return false;
    stress.expiresAt = this.#host.clock.now() + ttl;
    return true;
  }

  #end({ id, cpu, victims }: Pick<Stress, 'id' | 'cpu' | 'victims'>): void {
    this.#host.acts.push('end stress');
    this.placed.delete(id);
    for (const { victim, cpus } of victims) {
      if (this.#isThere(victim) && this.#useOf(victim).cpus === String(cpu)) this.move(victim, cpus);
    }
  }

  #isThere({ pid, startTicks }: ProcessVictim): boolean {
    return this.#host.instances().some((one) => one.pid === pid && one.startTicks === startTicks);
  }
}
