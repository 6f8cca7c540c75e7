/**
 * Runs memory stresses: makes a control group inside the victim's own, starts hogs in it, moves the victim
 * there, and undoes all of it on request or when a stress is not renewed. Its process outlives the harness:
 * the supervisor of a sandbox, or the holder of a stress on processes that are found. A hog also ends by
 * itself after its ttl or at the end of its stdin.
 */
import { join } from 'node:path';
import type {
  MemoryActs,
  MemoryMeans,
  MemoryStress,
  MemoryStressState,
  MemoryUndo,
} from '../../core/acts/memory-acts.ts';
import type { Clock } from '../../core/clock.ts';
import { isProcess, type ProcessVictim, type Victim } from '../../core/topology.ts';
import { type EpochMs, type Ms, ms } from '../../core/units.ts';
import { Leases } from '../leases.ts';
import {
  countsIn,
  type GroupCounts,
  HOG_PART,
  makeGroup,
  memoryGroupOf,
  moveTo,
  NO_COUNTS,
  removeGroup,
  setOomScoreAdj,
  VICTIM_PART,
} from '../memory-cgroup.ts';
import { Mutex } from '../mutex.ts';
import type { SpokenLaunch, SpokenTo } from '../processes/launch.ts';
import { sweepProcesses } from '../sandbox/sweep.ts';
import { cannotStart } from './cannot-start.ts';
import { giveMemoryBack, KILL_FIRST, memoryMeans, memoryState, stressGroup } from './memory-of-victim.ts';
import { isOurs, isThere } from './own-processes.ts';

export interface MemoryStressorOptions {
  /** The present processes of the instances of the target: no other process is moved. */
  readonly victims: () => readonly ProcessVictim[];
  readonly launch: SpokenLaunch;
  /** The compiled program. */
  readonly hog: string;
  /** The hogs' own words are appended here. */
  readonly log: string;
  /** Their working directory. */
  readonly cwd: string;
  /** Called with the path of each group before it is made. */
  readonly record: (group: string) => void;
  readonly clock: Clock;
  readonly stopped: AbortSignal;
}

/** The kernel kills the largest process: two hogs with half the memory each are smaller than the victim. */
const HOGS = 2;
/** In sum above the limit, so that it is certainly reached. */
const BEYOND_BYTES = 4 * 1024 * 1024;
/** The engine of a container removes its groups, and their counts, within some 20 ms of its end. */
const LOOK_EVERY_MS = ms(2);

interface Held {
  readonly stress: MemoryStress;
  readonly hogs: SpokenTo[];
  /** As they were last seen: they outlive the group. */
  counts: GroupCounts;
  /** Hogs and group are gone, and the counts are final. */
  isOver: boolean;
}

export class MemoryStressor implements MemoryActs {
  readonly #options: MemoryStressorOptions;
  readonly #leases: Leases<Held>;
  /**
   * Ids whose stress was undone: a request that arrives after its own undo (its caller died in between) must
   * not start one. Null: the group still exists.
   */
  readonly #ended = new Map<string, EpochMs | null>();
  readonly #turn = new Mutex();

  constructor(options: MemoryStressorOptions) {
    this.#options = options;
    this.#leases = new Leases(options.clock, options.stopped);
  }

  async means(victim: Victim): Promise<MemoryMeans> {
    return isProcess(victim) && this.#isOurs(victim) ? memoryMeans(victim) : { kind: 'gone' };
  }

  async list(): Promise<readonly MemoryStressState[]> {
    return this.#leases.all().map((held) => {
      count(held);
      const hogs = held.hogs.map((one) => one.identity);
      return memoryState(held.stress, hogs, held.counts);
    });
  }

  begin(stress: MemoryStress): Promise<void> {
    return this.#turn.run(async () => {
      const { stopped, record } = this.#options;
      const { id, victim, group } = stress;
      if (this.#ended.has(id)) throw cannotStart(stress, 'it was undone already');
      if (this.#leases.get(id)) throw cannotStart(stress, 'it is active already');
      if (!this.#isOurs(victim)) throw cannotStart(stress, `${victim.instance} has exited`);
      const now = memoryGroupOf(victim.pid);
      if (now !== group)
        throw cannotStart(stress, `${victim.instance} is in ${now ?? 'no group'}, not in ${group}`);
      const held: Held = { stress, hogs: [], counts: NO_COUNTS, isOver: false };
      this.#leases.hold(id, held, stress.ttlMs, () => this.end(stress));
      const own = stressGroup(stress);
      record(own);
      makeGroup(own, stress.limitBytes);
      for (let index = 0; index < HOGS; index += 1) {
        stopped.throwIfAborted();
        const hog = await this.#startHog(stress);
        held.hogs.push(hog);
        moveTo(join(own, HOG_PART), hog.identity.pid);
      }
      if (!isThere(victim)) throw cannotStart(stress, `${victim.instance} has exited`);
      setOomScoreAdj(victim.pid, KILL_FIRST);
      moveTo(join(own, VICTIM_PART), victim.pid);
      for (const one of held.hogs) one.say('go');
      void this.#watch(held).catch(() => undefined);
    });
  }

  renew(id: string, ttl: Ms): Promise<boolean> {
    return this.#turn.run(async () => {
      const held = this.#leases.renew(id, ttl);
      for (const one of held?.hogs ?? []) one.say(String(ttl));
      return held !== undefined;
    });
  }

  async endedAt(id: string): Promise<EpochMs | null> {
    return this.#ended.get(id) ?? null;
  }

  end(undo: MemoryUndo): Promise<void> {
    return this.#turn.run(async () => {
      const { id } = undo;
      this.#ended.set(id, this.#ended.get(id) ?? null);
      const hogs = this.#leases.get(id)?.hogs.map((one) => one.identity) ?? [];
      const { unkillable } = sweepProcesses(hogs);
      await giveMemoryBack(undo);
      // A stress that could not be ended stays in the list, for `removed` to report it.
      if (unkillable.length > 0) return;
      this.#leases.release(id);
      // The first end counts: later ones find nothing to end.
      this.#ended.set(id, this.#ended.get(id) ?? this.#options.clock.now());
    });
  }

  /**
   * Until the victim is gone. Nothing of ours then stays in the way of its successor: an engine makes the
   * group of a container anew.
   */
  async #watch(held: Held): Promise<void> {
    const { clock, stopped } = this.#options;
    const { stress } = held;
    const isHeld = (): boolean => this.#leases.get(stress.id) === held && !held.isOver;
    while (isHeld()) {
      count(held);
      if (!isThere(stress.victim)) {
        await this.#turn.run(async () => {
          if (isHeld()) held.isOver = await clear(held);
        });
      }
      if (isHeld()) await clock.sleep(LOOK_EVERY_MS, stopped);
    }
  }

  #startHog({ limitBytes, ttlMs }: MemoryStress): Promise<SpokenTo> {
    const { launch, hog, log, cwd } = this.#options;
    const bytes = limitBytes / HOGS + BEYOND_BYTES;
    return launch({ argv: [process.execPath, hog, String(ttlMs), String(bytes)], log, cwd });
  }

  #isOurs(victim: ProcessVictim): boolean {
    return isOurs(this.#options.victims(), victim);
  }
}

/** A group that is being removed counts nothing: what was seen at the kill stays. */
function count(held: Held): void {
  if (held.isOver) return;
  const { victimKills } = held.counts;
  const now = countsIn(stressGroup(held.stress));
  if (now !== undefined && (victimKills === 0 || now.victimKills > victimKills)) held.counts = now;
}

/** @returns false: it could not be done now. */
async function clear(held: Held): Promise<boolean> {
  count(held);
  const { unkillable } = sweepProcesses(held.hogs.map((one) => one.identity));
  return await removeGroup(stressGroup(held.stress)).then(
    () => unkillable.length === 0,
    () => false,
  );
}
