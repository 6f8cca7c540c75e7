/**
 * The lives of the processes of one service, seen by looking every 50 ms: births by the kernel's own start
 * time, ends and readiness within one look.
 */
import type { InstanceLife } from '../../core/acts/instance-acts.ts';
import type { Clock } from '../../core/clock.ts';
import type { ProcessVictim } from '../../core/topology.ts';
import { type EpochMs, ms } from '../../core/units.ts';
import type { ProcessIdentity } from '../../system/sandbox/state.ts';

export const LOOK_EVERY_MS = 50;
/** A service whose processes die for days must not fill the memory. */
const LIVES_KEPT = 1000;

export interface ProcessWorld {
  readonly clock: Clock;
  /** Those that run now, oldest first. */
  find(): readonly ProcessIdentity[];
  /** By the kernel. */
  startedAt(identity: ProcessIdentity): EpochMs;
  /** Whether the service gives a good answer now. */
  isReady(): Promise<boolean>;
}

interface Life {
  readonly victim: ProcessVictim;
  readonly startedAt: EpochMs;
  readyAt: EpochMs | null;
  endedAt: EpochMs | null;
}

export class ProcessLives {
  readonly #service: string;
  readonly #world: ProcessWorld;
  readonly #stop = new AbortController();
  #lives: Life[] = [];
  #running: Promise<void> | undefined;
  #started = 0;

  constructor(service: string, world: ProcessWorld) {
    this.#service = service;
    this.#world = world;
  }

  /** Resolves after the first look, so that every later change is seen. */
  async start(): Promise<void> {
    if (this.#running !== undefined) return;
    this.#look();
    await this.#ask();
    this.#running = this.#run();
  }

  stop(): void {
    this.#stop.abort(new Error('stopped'));
  }

  /** As of now: a process that a list has just shown ready is ready here. */
  async now(): Promise<readonly InstanceLife[]> {
    await this.start();
    this.#look();
    await this.#ask();
    return this.lives();
  }

  lives(): readonly InstanceLife[] {
    return this.#lives.map(({ victim, ...times }) => ({ ...victim, ...times }));
  }

  /** Processes that began after the first look. */
  get restarts(): number {
    return Math.max(0, this.#started - this.#first);
  }

  #first = 0;

  async #run(): Promise<void> {
    const { clock } = this.#world;
    while (!this.#stop.signal.aborted) {
      await clock.sleep(ms(LOOK_EVERY_MS), this.#stop.signal).catch(() => undefined);
      if (this.#stop.signal.aborted) return;
      this.#look();
      await this.#ask();
    }
  }

  #look(): void {
    const { clock, startedAt } = this.#world;
    const now = clock.now();
    const found = this.#world.find();
    const same = (life: Life, one: ProcessIdentity): boolean =>
      life.victim.pid === one.pid && life.victim.startTicks === one.startTicks;
    for (const life of this.#lives)
      if (life.endedAt === null && !found.some((one) => same(life, one))) life.endedAt = now;
    for (const one of found) {
      if (this.#lives.some((life) => same(life, one))) continue;
      const victim = { service: this.#service, instance: this.#freeSeat(), ...one };
      const life: Life = { victim, startedAt: startedAt(one), readyAt: null, endedAt: null };
      this.#lives = [...this.#lives.slice(1 - LIVES_KEPT), life];
      if (this.#running === undefined) this.#first += 1;
      this.#started += 1;
    }
  }

  /** A successor takes the name of the one that ended, as a replica of a set does. */
  #freeSeat(): string {
    const taken = new Set(
      this.#lives.filter((one) => one.endedAt === null).map((one) => one.victim.instance),
    );
    let seat = 1;
    while (taken.has(`${this.#service}-${seat}`)) seat += 1;
    return `${this.#service}-${seat}`;
  }

  /** Only while a process waits for its first good answer: the probes of the run watch the service itself. */
  async #ask(): Promise<void> {
    const waiting = this.#lives.filter((one) => one.endedAt === null && one.readyAt === null);
    if (waiting.length === 0) return;
    const isReady = await this.#world.isReady();
    const now = this.#world.clock.now();
    if (isReady) for (const life of waiting) if (life.endedAt === null) life.readyAt ??= now;
  }
}
