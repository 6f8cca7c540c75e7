/**
 * One instance under the supervisor's care: it is started, asked whether it is ready, and started again when
 * it ends. Every life is stamped. Not ready at the instant its process ends, or after three answers in a row
 * that were no.
 */

import type { InstanceLife, ProcessState } from '../../../../src/core/acts/instance-acts.ts';
import type { Clock } from '../../../../src/core/clock.ts';
import type { ProcessVictim } from '../../../../src/core/topology.ts';
import { type EpochMs, ms } from '../../../../src/core/units.ts';
import { BackOff } from '../back-off.ts';
import type { Launch } from './launch.ts';
import type { Readiness } from './readiness.ts';

/**
 * kubelet asks the gateway every 10 s, gives it 5 s, and takes 3 failures (docs/systems/neural-hive-mind.md,
 * "Kubernetes"). Divided by ten, and by more where the answer is awaited, because a recovery time must show
 * the service and not how seldom we ask. No liveness probe: a fault that stops a process (SIGSTOP) ends when
 * its lease does, not when a kubelet loses patience.
 */
export const READINESS = {
  startingEveryMs: 100,
  readyEveryMs: 1000,
  /**
   * While it still counts as ready: so that three failures take no longer than they would at the pace of
   * before.
   */
  failingEveryMs: 500,
  deadlineMs: 500,
  failures: 3,
} as const;

/** A service whose instances die for days must not fill the memory: older lives are forgotten. */
const LIVES_KEPT = 1000;

export interface InstanceSpec {
  readonly service: string;
  readonly instance: string;
  readonly argv: readonly string[];
  readonly log: string;
  readonly cwd: string;
  readonly ready: Readiness;
}

export interface InstanceDeps {
  readonly launch: Launch;
  readonly clock: Clock;
  /** After every start, end and change of readiness. */
  readonly changed: (instance: Instance) => void;
}

interface Life {
  readonly victim: ProcessVictim;
  readonly startedAt: EpochMs;
  readyAt: EpochMs | null;
  endedAt: EpochMs | null;
}

export class Instance {
  readonly spec: InstanceSpec;
  /** How each life ended, for whoever waits for the first readiness. */
  readonly ends: string[] = [];
  readonly #deps: InstanceDeps;
  readonly #backOff = new BackOff();
  readonly #stop = new AbortController();
  #lives: Life[] = [];
  #started = 0;
  #ready = false;

  constructor(spec: InstanceSpec, deps: InstanceDeps) {
    this.spec = spec;
    this.#deps = deps;
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Undefined before the first life and between two of them. */
  get victim(): ProcessVictim | undefined {
    const life = this.#lives.at(-1);
    return life?.endedAt === null ? life.victim : undefined;
  }

  /** The instance now, or as its last life left it; undefined before the first. */
  state(): ProcessState | undefined {
    const life = this.#lives.at(-1);
    return life && { ...life.victim, ready: this.#ready, restarts: Math.max(0, this.#started - 1) };
  }

  lives(): readonly InstanceLife[] {
    return this.#lives.map(({ victim, startedAt, readyAt, endedAt }) => ({
      ...victim,
      startedAt,
      readyAt,
      endedAt,
    }));
  }

  /**
   * Lives, one after another, until `stop`; rejects only when a process cannot be launched safely any more.
   */
  async run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const lived = await this.#live();
      await this.#deps.clock.sleep(this.#backOff.next(lived), this.#stop.signal).catch(() => undefined);
    }
  }

  /** No further life begins; the present one is left to the reaper. */
  stop(): void {
    this.#stop.abort(new Error('stopped'));
  }

  async #live(): Promise<number> {
    const { clock, launch, changed } = this.#deps;
    const { service, instance, argv, log, cwd } = this.spec;
    const { identity, ended } = await launch({ argv, log, cwd });
    const startedAt = clock.now();
    const life: Life = {
      victim: { service, instance, ...identity },
      startedAt,
      readyAt: null,
      endedAt: null,
    };
    this.#lives = [...this.#lives.slice(1 - LIVES_KEPT), life];
    this.#started += 1;
    changed(this);
    const over = new AbortController();
    const asking = this.#ask(life, over.signal);
    this.ends.push(await ended);
    over.abort(new Error('ended'));
    life.endedAt = clock.now();
    this.#ready = false;
    changed(this);
    await asking;
    return life.endedAt - startedAt;
  }

  async #ask(life: Life, over: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    let failures = 0;
    while (!over.aborted) {
      const good = await this.spec.ready(READINESS.deadlineMs);
      if (over.aborted) return;
      failures = good ? 0 : failures + 1;
      if (good) life.readyAt ??= clock.now();
      if (good || failures >= READINESS.failures) this.#turn(good);
      await clock.sleep(ms(this.#pauseMs(failures)), over).catch(() => undefined);
    }
  }

  #pauseMs(failures: number): number {
    if (!this.#ready) return READINESS.startingEveryMs;
    return failures === 0 ? READINESS.readyEveryMs : READINESS.failingEveryMs;
  }

  #turn(ready: boolean): void {
    if (this.#ready === ready) return;
    this.#ready = ready;
    this.#deps.changed(this);
  }
}
