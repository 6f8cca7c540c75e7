/**
 * Runs CPU stresses: starts spinners on one CPU, moves victims there, and undoes both on request or when a
 * stress is not renewed. Its process outlives the harness: the supervisor of a sandbox, or the holder of a
 * stress on processes that are found. A spinner also ends by itself after its ttl or at the end of its stdin.
 */
import type { CpuUse, Stress, StressActs, StressMeans, StressState } from '../../core/acts/stress-acts.ts';
import type { Clock } from '../../core/clock.ts';
import type { ProcessVictim } from '../../core/topology.ts';
import type { Ms } from '../../core/units.ts';
import { Leases } from '../leases.ts';
import { Mutex } from '../mutex.ts';
import type { SpokenLaunch, SpokenTo } from '../processes/launch.ts';
import type { ProcessIdentity } from '../sandbox/state.ts';
import { sweepProcesses } from '../sandbox/sweep.ts';
import { cannotStart } from './cannot-start.ts';
import { cpusOf, moveThreads } from './cpu-affinity.ts';
import { affinityMeans, CpuReadings } from './cpu-readings.ts';
import { cpuTimes } from './cpu-times.ts';
import { isOurs, isThere } from './own-processes.ts';

export interface CpuStressorOptions {
  /** The present processes of the instances of the target: no other process is measured or moved. */
  readonly victims: () => readonly ProcessVictim[];
  readonly launch: SpokenLaunch;
  /** The compiled program. */
  readonly spinner: string;
  /** The spinners' own words are appended here. */
  readonly log: string;
  /** Their working directory. */
  readonly cwd: string;
  readonly clock: Clock;
  readonly stopped: AbortSignal;
}

interface Held {
  readonly stress: Stress;
  readonly spinners: SpokenTo[];
}

export class CpuStressor implements StressActs {
  readonly #options: CpuStressorOptions;
  readonly #leases: Leases<Held>;
  /**
   * Ids whose stress was undone: a request that arrives after its own undo (its caller died in between) must
   * not start one.
   */
  readonly #ended = new Set<string>();
  readonly #readings = new CpuReadings();
  readonly #turn = new Mutex();

  constructor(options: CpuStressorOptions) {
    this.#options = options;
    this.#leases = new Leases(options.clock, options.stopped);
  }

  means(): Promise<StressMeans> {
    return affinityMeans();
  }

  async cpu(service: string): Promise<readonly CpuUse[]> {
    return this.#readings.of(this.#options.victims().filter((one) => one.service === service));
  }

  async list(): Promise<readonly StressState[]> {
    return this.#leases.all().map(({ stress, spinners }) =>
      stressState(
        stress,
        spinners.map((one) => one.identity),
      ),
    );
  }

  begin(stress: Stress): Promise<void> {
    return this.#turn.run(async () => {
      const { stopped } = this.#options;
      if (this.#ended.has(stress.id)) throw cannotStart(stress, 'it was undone already');
      if (this.#leases.get(stress.id)) throw cannotStart(stress, 'it is active already');
      const foreign = stress.victims.find(({ victim }) => !this.#isOurs(victim));
      if (foreign) throw cannotStart(stress, `${foreign.victim.instance} has exited`);
      const held: Held = { stress, spinners: [] };
      this.#leases.hold(stress.id, held, stress.ttlMs, () => this.end(stress));
      for (let index = 0; index < stress.workers; index += 1) {
        stopped.throwIfAborted();
        held.spinners.push(await this.#spin(stress));
      }
      for (const { victim, cpus } of stress.victims) {
        if (isThere(victim)) await moveThreads(victim.pid, cpus, String(stress.cpu));
      }
    });
  }

  renew(id: string, ttl: Ms): Promise<boolean> {
    return this.#turn.run(async () => {
      const held = this.#leases.renew(id, ttl, isInPlace);
      for (const one of held?.spinners ?? []) one.say(String(ttl));
      return held !== undefined;
    });
  }

  end({ id, cpu, victims }: Pick<Stress, 'id' | 'cpu' | 'victims'>): Promise<void> {
    return this.#turn.run(async () => {
      this.#ended.add(id);
      const held = this.#leases.get(id);
      const { unkillable } = sweepProcesses(held?.spinners.map((one) => one.identity) ?? []);
      const ours = victims.filter(({ victim }) => this.#isOurs(victim));
      await giveCpusBack({ cpu, victims: ours });
      // A stress that could not be ended stays in the list, for `removed` to report it.
      if (unkillable.length === 0) this.#leases.release(id);
    });
  }

  #spin({ cpu, ttlMs }: Stress): Promise<SpokenTo> {
    const { launch, spinner, log, cwd } = this.#options;
    return launch({
      // taskset becomes the program: same pid, same start time.
      argv: ['taskset', '-c', String(cpu), process.execPath, spinner, String(ttlMs)],
      log,
      cwd,
    });
  }

  #isOurs(victim: ProcessVictim): boolean {
    return isOurs(this.#options.victims(), victim);
  }
}

/**
 * Gives victims that still run the CPUs that they had before.
 * @throws when a thread of one cannot be moved; the others are moved nevertheless.
 */
export async function giveCpusBack({ cpu, victims }: Pick<Stress, 'cpu' | 'victims'>): Promise<void> {
  const moves = victims.map(async ({ victim, cpus }) => {
    if (isThere(victim)) await moveThreads(victim.pid, String(cpu), cpus);
  });
  const failed = (await Promise.allSettled(moves)).find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

const isInPlace = ({ stress, spinners }: Held): boolean =>
  stress.victims.every(({ victim }) => isThere(victim) && cpusOf(victim.pid) === String(stress.cpu)) &&
  spinners.every((one) => isThere(one.identity));

/** What is left of it: spinners that still run. */
export function stressState(
  { id, cpu }: Pick<Stress, 'id' | 'cpu'>,
  spinners: readonly ProcessIdentity[],
): StressState {
  const living = spinners.filter(isThere);
  const spinnerCpuMs = living.reduce((sum, { pid }) => sum + (cpuTimes(pid)?.cpuMs ?? 0), 0);
  return { id, cpu, spinners: living.length, spinnerCpuMs };
}
