/**
 * Runs CPU stresses: starts spinners on one CPU, moves victims there, and undoes both on request or when a
 * stress is not renewed. It is part of the supervisor, so that harness, lease keeper and `recover` end the
 * same stress. The reaper knows each spinner before it spins; a spinner also ends by itself after its ttl or
 * at the end of its stdin.
 */
import { join } from 'node:path';
import type {
  CpuUse,
  Stress,
  StressActs,
  StressMeans,
  StressState,
} from '../../../../src/core/acts/stress-acts.ts';
import type { Clock } from '../../../../src/core/clock.ts';
import { GauntletError } from '../../../../src/core/errors.ts';
import type { ProcessVictim } from '../../../../src/core/topology.ts';
import type { Ms } from '../../../../src/core/units.ts';
import { Mutex } from '../../../../src/system/mutex.ts';
import { sweepProcesses } from '../../../../src/system/sandbox/sweep.ts';
import { cpusOf, moveThreads, tasksetVersion } from './cpu-affinity.ts';
import { CpuMeter, cpuTimes } from './cpu-times.ts';
import type { SpokenLaunch, SpokenTo } from './launch.ts';
import { Leases } from './leases.ts';
import { isOurs, isThere } from './own-processes.ts';

export interface CpuStressorOptions {
  /** The present processes of the sandbox's own instances: no other process is measured or moved. */
  readonly victims: () => readonly ProcessVictim[];
  readonly launch: SpokenLaunch;
  /** The compiled program. */
  readonly spinner: string;
  /** Folder of the spinners' log, and their working directory. */
  readonly logs: string;
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
  /** CPU times of the most recently requested victims, by pid and start time. */
  #meters = new Map<string, CpuMeter>();
  readonly #turn = new Mutex();

  constructor(options: CpuStressorOptions) {
    this.#options = options;
    this.#leases = new Leases(options.clock, options.stopped);
  }

  async means(): Promise<StressMeans> {
    const tool = await tasksetVersion();
    if (tool === undefined) return { kind: 'none', why: 'no taskset (util-linux) on the PATH' };
    // This process has run for long: zero means a kernel without CONFIG_SCHED_INFO.
    if ((cpuTimes(process.pid)?.cpuMs ?? 0) === 0) {
      return { kind: 'none', why: 'a kernel that does not count run delay (/proc/PID/schedstat)' };
    }
    return { kind: 'affinity', tool };
  }

  async cpu(service: string): Promise<readonly CpuUse[]> {
    const ofService = this.#options.victims().filter((one) => one.service === service);
    const keyOf = ({ pid, startTicks }: ProcessVictim): string => `${pid} ${startTicks}`;
    const living = ofService.filter(isThere);
    this.#meters = new Map(
      living.map((one) => [keyOf(one), this.#meters.get(keyOf(one)) ?? new CpuMeter(one.pid)]),
    );
    return living.flatMap((one) => {
      const [times, cpus] = [this.#meters.get(keyOf(one))?.read(), cpusOf(one.pid)];
      return times === undefined || cpus === undefined ? [] : [{ ...one, ...times, cpus }];
    });
  }

  async list(): Promise<readonly StressState[]> {
    return this.#leases.all().map(({ stress: { id, cpu }, spinners }) => {
      const living = spinners.map((one) => one.identity).filter(isThere);
      const used = living.map(({ pid }) => cpuTimes(pid)?.cpuMs ?? 0);
      return { id, cpu, spinners: living.length, spinnerCpuMs: used.reduce((sum, one) => sum + one, 0) };
    });
  }

  begin(stress: Stress): Promise<void> {
    return this.#turn.run(async () => {
      const { stopped } = this.#options;
      if (this.#ended.has(stress.id)) throw refusal(stress.id, 'it was undone already');
      if (this.#leases.get(stress.id)) throw refusal(stress.id, 'it is active already');
      const foreign = stress.victims.find(({ victim }) => !this.#isOurs(victim));
      if (foreign) throw refusal(stress.id, `${foreign.victim.instance} has exited`);
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
      const moves = victims.map(async ({ victim, cpus }) => {
        if (this.#isOurs(victim)) await moveThreads(victim.pid, String(cpu), cpus);
      });
      // A failure to move one victim must not prevent moving the others.
      const failed = (await Promise.allSettled(moves)).find((one) => one.status === 'rejected');
      if (failed) throw failed.reason;
      // A stress that could not be ended stays in the list, for `removed` to report it.
      if (unkillable.length === 0) this.#leases.release(id);
    });
  }

  #spin({ cpu, ttlMs }: Stress): Promise<SpokenTo> {
    const { launch, spinner, logs, cwd } = this.#options;
    return launch({
      // taskset becomes the program: same pid, same start time.
      argv: ['taskset', '-c', String(cpu), process.execPath, spinner, String(ttlMs)],
      log: join(logs, 'spinner.log'),
      cwd,
    });
  }

  #isOurs(victim: ProcessVictim): boolean {
    return isOurs(this.#options.victims(), victim);
  }
}

const isInPlace = ({ stress, spinners }: Held): boolean =>
  stress.victims.every(({ victim }) => isThere(victim) && cpusOf(victim.pid) === String(stress.cpu)) &&
  spinners.every((one) => isThere(one.identity));

const refusal = (id: string, got: string): GauntletError =>
  new GauntletError('unavailable', [
    { subject: id, expected: 'to start', got, text: `cannot start: ${got}` },
  ]);
