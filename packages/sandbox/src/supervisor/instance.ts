/**
 * One supervised instance: it is started, probed for readiness, and restarted when it ends. Every life is
 * recorded with its times. The instance is not ready from the instant at which its process ends, or after
 * three failed probes in a row.
 */

import type { InstanceLife, ProcessState } from '../../../../src/core/acts/instance-acts.ts';
import type { Clock } from '../../../../src/core/clock.ts';
import type { Socket } from '../../../../src/core/sandbox/layout.ts';
import type { ProcessVictim } from '../../../../src/core/topology.ts';
import { type EpochMs, ms } from '../../../../src/core/units.ts';
import type { Launch } from '../../../../src/system/processes/launch.ts';
import { BackOff } from '../back-off.ts';
import type { Readiness } from './readiness.ts';

/**
 * A kubelet usually probes every 10 s with a timeout of 5 s, and 3 failures make it not ready. Here the intervals are a tenth, and less while the
 * instance is not ready, because a recovery time must measure the service and not the interval of the probes.
 * There is no liveness probe: a fault that stops a process (SIGSTOP) must end with its lease, not with a
 * kubelet's restart.
 */
export const READINESS = {
  startingEveryMs: 100,
  readyEveryMs: 1000,
  /**
   * The interval after a failure, while it still counts as ready: so that three failures take no longer than
   * at the normal interval.
   */
  failingEveryMs: 500,
  deadlineMs: 500,
  failures: 3,
} as const;

/** A service whose instances die for days must not fill the memory: only the newest lives are kept. */
const LIVES_KEPT = 1000;

export interface InstanceSpec {
  readonly service: string;
  readonly instance: string;
  readonly argv: readonly string[];
  readonly log: string;
  readonly cwd: string;
  readonly ready: Readiness;
  /** Of a program: where it has to listen, and nowhere else on all addresses. */
  readonly mustListen?: readonly Socket[];
  /** Called after each life, before the next one: what the process has started belongs to it. */
  readonly ended?: () => void;
}

export interface InstanceDeps {
  readonly launch: Launch;
  readonly clock: Clock;
  /** Called after every start, end and change of readiness. */
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
  /** How each life ended, for the caller that waits for the first readiness. */
  readonly ends: string[] = [];
  readonly #deps: InstanceDeps;
  readonly #backOff = new BackOff();
  readonly #stop = new AbortController();
  #lives: Life[] = [];
  #started = 0;
  #ready = false;
  #isLeaving = false;
  #isClosed = false;

  constructor(spec: InstanceSpec, deps: InstanceDeps) {
    this.spec = spec;
    this.#deps = deps;
  }

  /** Its seat was taken away: it gets no further life. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Undefined before the first life and between two of them. */
  get victim(): ProcessVictim | undefined {
    const life = this.#lives.at(-1);
    return life?.endedAt === null ? life.victim : undefined;
  }

  /** The present state of the instance, or that at the end of its last life; undefined before the first. */
  state(): ProcessState | undefined {
    const life = this.#lives.at(-1);
    if (life === undefined || (this.#isClosed && life.endedAt !== null)) return undefined;
    const restarts = Math.max(0, this.#started - 1);
    return { ...life.victim, ready: this.#ready, restarts, ...(life.endedAt !== null && { isEnded: true }) };
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
   * Runs one life after another until `stop`; rejects only when a process cannot be launched safely any more.
   */
  async run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const lived = await this.#live();
      await this.#deps.clock.sleep(this.#backOff.next(lived), this.#stop.signal).catch(() => undefined);
    }
  }

  /** It takes no more traffic until its next life: it is about to be asked to end. */
  leave(): void {
    this.#isLeaving = true;
    this.#turn(false);
  }

  close(): void {
    this.#isClosed = true;
    this.stop();
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
    this.#isLeaving = false;
    changed(this);
    const over = new AbortController();
    const asking = this.#ask(life, over.signal);
    this.ends.push(await ended);
    over.abort(new Error('ended'));
    life.endedAt = clock.now();
    this.#ready = false;
    changed(this);
    this.spec.ended?.();
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
    const isReady = ready && !this.#isLeaving;
    if (this.#ready === isReady) return;
    this.#ready = isReady;
    this.#deps.changed(this);
  }
}
