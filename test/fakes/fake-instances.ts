/**
 * The instances of the fake platform: a supervisor restarts dead processes; a stopped process keeps its
 * identity, answers no request and becomes not ready, as under a kubelet. The steps of fake-platform.ts drive
 * it.
 */
import type { ProcessLife, ProcessState } from '../../src/core/acts/instance-acts.ts';
import type { Victim } from '../../src/core/topology.ts';
import { epochMs } from '../../src/core/units.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface FakeInstanceOptions {
  /** Replicas of each service; default 1, web 2. */
  readonly replicas?: Readonly<Record<string, number>>;
  /** From the death of an instance to the start of its successor; default 300. */
  readonly restartMs?: number;
  /** From its start until it is ready; default 500. */
  readonly readyMs?: number;
  /** A restart of all is accepted, and not even kept in mind. */
  readonly unrollable?: boolean;
  /** SIGSTOP is accepted without an effect. */
  readonly unstoppable?: boolean;
}

/** A restart of all instances of a service, one after another. */
interface Roll {
  readonly mark: string;
  /** Those that are not replaced yet, by their pid. */
  readonly old: number[];
  /** Replaced, and not seen as ready yet. */
  waiting: Slot | null;
  updated: number;
}

interface Slot {
  readonly service: string;
  readonly instance: string;
  readonly lives: ProcessLife[];
  pausedAt: number | null;
  /** After a pause that ended its readiness: the time of the next readiness probe. */
  unreadyUntil: number;
  /** Taken away: it gets no successor. */
  isClosed: boolean;
}

const RESTART_MS = 300;
const READY_MS = 500;
/** Three readiness probes without an answer. */
const PATIENCE_MS = 2500;
const NEXT_PROBE_MS = 200;

export class FakeInstances {
  readonly #clock: VirtualClock;
  readonly #options: FakeInstanceOptions;
  readonly #acts: string[];
  readonly #slots: Slot[] = [];
  #nextPid = 100;
  readonly #rolls = new Map<string, Roll>();

  /** @param acts records every signal that reached a process. */
  constructor(
    clock: VirtualClock,
    options: FakeInstanceOptions,
    acts: string[],
    services: readonly string[],
  ) {
    this.#clock = clock;
    this.#options = options;
    this.#acts = acts;
    for (const service of services) {
      const count = options.replicas?.[service] ?? (service === 'web' ? 2 : 1);
      // A broker is a service of its own, as in the sandbox.
      if (/-\d+$/.test(service)) this.#start(service, service);
      else for (let index = 0; index < count; index += 1) this.#start(service, `${service}-${index}`);
    }
  }

  list(service?: string): readonly ProcessState[] {
    return this.#slots
      .filter((slot) => service === undefined || slot.service === service)
      .flatMap((slot) => {
        const life = slot.lives.at(-1);
        if (life === undefined || life.endedAt !== null) return [];
        const { service: name, instance, pid, startTicks } = life;
        const [ready, stopped] = [this.#isReady(slot, life), slot.pausedAt !== null];
        return [
          { service: name, instance, pid, startTicks, ready, stopped, restarts: slot.lives.length - 1 },
        ];
      });
  }

  lives(service: string): readonly ProcessLife[] {
    const all = this.#slots.filter((slot) => slot.service === service).flatMap((slot) => slot.lives);
    return [...all].sort((a, b) => a.startedAt - b.startedAt);
  }

  signal(victim: Victim, signal: string): 'sent' | 'gone' {
    if (!('pid' in victim)) return 'gone';
    for (const slot of this.#slots) {
      const life = slot.lives.at(-1);
      if (life?.pid !== victim.pid || life.startTicks !== victim.startTicks || life.endedAt !== null)
        continue;
      this.#acts.push(signal);
      if (signal === 'SIGSTOP') this.#pause(slot);
      else if (signal === 'SIGCONT') this.#resume(slot);
      else slot.lives[slot.lives.length - 1] = { ...life, endedAt: this.#clock.now() };
      return 'sent';
    }
    return 'gone';
  }

  step(at: number): void {
    for (const slot of this.#slots) this.#supervise(slot, at);
    for (const [service, roll] of this.#rolls) this.#roll(service, roll, at);
  }

  /** How many it has seats for. */
  count(service: string): number {
    return this.#slots.filter((slot) => slot.service === service && !slot.isClosed).length;
  }

  /** Null: no restart was ever asked for. */
  rollOf(
    service: string,
  ): { readonly mark: string; readonly updated: number; readonly isOver: boolean } | null {
    const roll = this.#rolls.get(service);
    return roll === undefined
      ? null
      : {
          mark: roll.mark,
          updated: roll.updated,
          isOver: roll.old.length === 0 && roll.waiting === null,
        };
  }

  roll(service: string, mark: string): void {
    this.#acts.push('roll');
    if (this.#options.unrollable === true) return;
    const old = this.list(service).map((one) => one.pid);
    this.#rolls.set(service, { mark, old, waiting: null, updated: 0 });
  }

  scale(service: string, to: number): void {
    this.#acts.push('scale');
    const open = this.#slots.filter((slot) => slot.service === service && !slot.isClosed);
    for (const slot of open.slice(to)) {
      slot.isClosed = true;
      const life = slot.lives.at(-1);
      if (life !== undefined && life.endedAt === null)
        slot.lives[slot.lives.length - 1] = { ...life, endedAt: this.#clock.now() };
    }
    const readyMs = this.#options.readyMs ?? READY_MS;
    for (let index = open.length; index < to; index += 1)
      this.#start(service, `${service}-${index}`, readyMs);
  }

  #roll(service: string, roll: Roll, at: number): void {
    const { waiting } = roll;
    if (waiting !== null) {
      const life = waiting.lives.at(-1);
      if (life === undefined || life.endedAt !== null || !this.#isReady(waiting, life)) return;
      roll.waiting = null;
      roll.updated += 1;
    }
    const next = roll.old.shift();
    const slot = this.#slots.find((one) => one.service === service && one.lives.at(-1)?.pid === next);
    const life = slot?.lives.at(-1);
    if (slot === undefined || life === undefined) return;
    if (life.endedAt === null) slot.lives[slot.lives.length - 1] = { ...life, endedAt: epochMs(at) };
    roll.waiting = slot;
  }

  #isReady(slot: Slot, life: ProcessLife): boolean {
    const now = this.#clock.now();
    const isPatient = slot.pausedAt === null || now - slot.pausedAt < PATIENCE_MS;
    return life.readyAt !== null && life.readyAt <= now && isPatient && slot.unreadyUntil <= now;
  }

  #pause(slot: Slot): void {
    if (this.#options.unstoppable !== true) slot.pausedAt ??= this.#clock.now();
  }

  #resume(slot: Slot): void {
    const now = this.#clock.now();
    if (slot.pausedAt !== null && now - slot.pausedAt >= PATIENCE_MS) slot.unreadyUntil = now + NEXT_PROBE_MS;
    slot.pausedAt = null;
  }

  #start(service: string, instance: string, readyInMs = 0): void {
    const pid = this.#nextPid++;
    const startedAt = this.#clock.now();
    const life: ProcessLife = {
      service,
      instance,
      pid,
      startTicks: String(pid * 7),
      startedAt,
      readyAt: epochMs(startedAt + readyInMs),
      endedAt: null,
    };
    const slot = { service, instance, lives: [life], pausedAt: null, unreadyUntil: 0, isClosed: false };
    this.#slots.push(slot);
  }

  #supervise(slot: Slot, at: number): void {
    const life = slot.lives.at(-1);
    const restartMs = this.#options.restartMs ?? RESTART_MS;
    if (slot.isClosed || life === undefined || life.endedAt === null) return;
    if (at < life.endedAt + restartMs) return;
    const pid = this.#nextPid++;
    const startedAt = epochMs(at);
    const readyAt = epochMs(at + (this.#options.readyMs ?? READY_MS));
    slot.pausedAt = null;
    slot.lives.push({ ...life, pid, startTicks: String(pid * 7), startedAt, readyAt, endedAt: null });
  }
}
