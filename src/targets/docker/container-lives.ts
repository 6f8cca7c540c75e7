/**
 * The lives of the containers of one service: ends and good health from the engine's own events, births from
 * what it says of each run. Without a health check a run is ready with the first good answer of its service.
 */
import type { InstanceLife } from '../../core/acts/instance-acts.ts';
import type { Clock } from '../../core/clock.ts';
import type { ContainerVictim } from '../../core/topology.ts';
import { type EpochMs, epochMs, ms } from '../../core/units.ts';
import { type Container, timeOf } from './containers.ts';

/** While a run waits for its first good answer, and until a broken stream of events is asked for again. */
export const LOOK_EVERY_MS = 50;
/** A service whose containers die for days must not fill the memory. */
const LIVES_KEPT = 1000;

export interface LivesWorld {
  readonly clock: Clock;
  /** All containers of the service, also those that have ended. */
  list(): Promise<readonly Container[]>;
  victimOf(one: Container): ContainerVictim;
  /** Resolves when the stream has ended. */
  follow(signal: AbortSignal, see: (event: unknown) => void): Promise<void>;
  /** Whether the service gives a good answer now. */
  isReady(): Promise<boolean>;
}

interface Life {
  readonly victim: ContainerVictim;
  readonly startedAt: EpochMs;
  /** It has a health check, and only that decides. */
  readonly isChecked: boolean;
  readyAt: EpochMs | null;
  endedAt: EpochMs | null;
}

interface Event {
  readonly action: string;
  readonly id: string;
  readonly at: EpochMs;
}

export class ContainerLives {
  readonly #world: LivesWorld;
  readonly #stop = new AbortController();
  #lives: Life[] = [];
  #first: Promise<void> | undefined;
  #failed: unknown;
  /** Looks come one after another: each ends with a state that is newer than the event before it. */
  #looking: Promise<void> = Promise.resolve();

  constructor(world: LivesWorld) {
    this.#world = world;
  }

  /** Resolves after the first look; every later change is seen. @throws when the engine cannot be asked. */
  async start(): Promise<void> {
    this.#first ??= this.#begin();
    await this.#first;
  }

  stop(): void {
    this.#stop.abort(new Error('stopped'));
  }

  /**
   * As of now: a run that a list has just shown ready is ready here, however late its event is.
   * @throws when a look has failed and none has succeeded since: what happened meanwhile is not known.
   */
  async read(): Promise<readonly InstanceLife[]> {
    await this.#look(false);
    await this.#ask();
    if (this.#failed !== undefined) throw this.#failed;
    return this.#lives.map(({ victim, startedAt, readyAt, endedAt }) => ({
      ...victim,
      ...{ startedAt, readyAt, endedAt },
    }));
  }

  async #begin(): Promise<void> {
    const following = this.#follow();
    await this.#look(true);
    if (this.#failed !== undefined) {
      this.stop();
      await following;
      this.#first = undefined;
      throw this.#failed;
    }
    void this.#askWhileWaiting();
  }

  async #follow(): Promise<void> {
    const { clock, follow } = this.#world;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await follow(signal, (line) => this.#see(line)).catch(() => undefined);
      if (signal.aborted) return;
      await clock.sleep(ms(LOOK_EVERY_MS), signal).catch(() => undefined);
      // What the stream would have said meanwhile.
      if (!signal.aborted) void this.#look(false);
    }
  }

  #see(line: unknown): void {
    const event = eventOf(line);
    if (event === undefined) return;
    const now = this.#world.clock.now();
    for (const life of this.#lives) {
      if (life.victim.container !== event.id || life.endedAt !== null) continue;
      const at = within(life, event.at, now);
      if (event.action === 'die') life.endedAt = at;
      if (event.action === 'health_status: healthy') life.readyAt ??= at;
    }
    void this.#look(false);
  }

  async #ask(): Promise<void> {
    const waiting = this.#lives.filter(
      (one) => !one.isChecked && one.endedAt === null && one.readyAt === null,
    );
    if (waiting.length === 0 || !(await this.#world.isReady())) return;
    const now = this.#world.clock.now();
    for (const life of waiting) if (life.endedAt === null) life.readyAt ??= now;
  }

  async #look(isFirst: boolean): Promise<void> {
    this.#looking = this.#looking.then(async () => {
      try {
        this.#compare(await this.#world.list(), isFirst);
        this.#failed = undefined;
      } catch (error) {
        this.#failed = error;
      }
    });
    await this.#looking;
  }

  #compare(found: readonly Container[], isFirst: boolean): void {
    const now = this.#world.clock.now();
    const isRun = (life: Life, one: Container): boolean =>
      life.victim.container === one.id && life.victim.startTime === one.startTime;
    for (const life of this.#lives) {
      if (life.endedAt !== null) continue;
      const one = found.find((each) => each.id === life.victim.container);
      if (one !== undefined && isRun(life, one) && one.isRunning) {
        if (one.isHealthy === true) life.readyAt ??= now;
        continue;
      }
      life.endedAt = endedBetween(one, life, now);
    }
    for (const one of found) {
      const startedAt = timeOf(one.startTime);
      if (startedAt === undefined || this.#lives.some((life) => isRun(life, one))) continue;
      if (!one.isRunning && isFirst) continue;
      const isReady = one.isHealthy === true && one.isRunning;
      const life: Life = {
        victim: this.#world.victimOf(one),
        startedAt,
        isChecked: one.isHealthy !== null,
        readyAt: isReady ? (isFirst ? startedAt : now) : null,
        endedAt: one.isRunning ? null : (timeOf(one.endTime) ?? now),
      };
      this.#lives = [...this.#lives.slice(1 - LIVES_KEPT), life];
    }
  }

  /** Only while a run waits for its first good answer: the probes of the run watch the service itself. */
  async #askWhileWaiting(): Promise<void> {
    const { clock } = this.#world;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#ask();
      await clock.sleep(ms(LOOK_EVERY_MS), signal).catch(() => undefined);
    }
  }
}

/**
 * By the engine's clock, however late it arrives: its own start of the successor is by that clock as well.
 * Unless that clock is another than ours: then when the event arrived.
 */
const within = ({ startedAt }: Life, at: EpochMs, now: EpochMs): EpochMs =>
  at >= startedAt && at <= now ? at : now;

function endedBetween(one: Container | undefined, life: Life, now: EpochMs): EpochMs {
  const finished = one && timeOf(one.endTime);
  return finished === undefined ? now : within(life, finished, now);
}

function eventOf(line: unknown): Event | undefined {
  const { Action: action, Actor: actor, timeNano } = Object(line) as Readonly<Record<string, unknown>>;
  const id = (actor as { readonly ID?: unknown } | undefined)?.ID;
  if (typeof action !== 'string' || typeof id !== 'string') return undefined;
  return { action, id, at: epochMs(Math.round(Number(timeNano) / 1e3) / 1e3) };
}
