/**
 * Runs memory stresses: makes a control group inside the victim's own, starts hogs in it, moves the victim
 * there, and undoes all of it on request or when a stress is not renewed. It is part of the supervisor, so
 * that harness, lease keeper and `recover` end the same stress. The reaper knows each hog before it runs, and
 * each group before it is made.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  MemoryActs,
  MemoryMeans,
  MemoryStress,
  MemoryStressState,
  MemoryUndo,
} from '../../../../src/core/acts/memory-acts.ts';
import type { Clock } from '../../../../src/core/clock.ts';
import { GauntletError } from '../../../../src/core/errors.ts';
import { isProcess, type ProcessVictim, processOf, type Victim } from '../../../../src/core/topology.ts';
import type { EpochMs, Ms } from '../../../../src/core/units.ts';
import { Leases } from '../../../../src/system/leases.ts';
import {
  countsOf,
  HOG_PART,
  makeGroup,
  memoryGroupOf,
  moveTo,
  oomScoreAdjOf,
  processesIn,
  removeGroup,
  roomIn,
  setOomScoreAdj,
  VICTIM_PART,
  whyNoGroupIn,
} from '../../../../src/system/memory-cgroup.ts';
import { Mutex } from '../../../../src/system/mutex.ts';
import type { SpokenLaunch, SpokenTo } from '../../../../src/system/processes/launch.ts';
import { sweepProcesses } from '../../../../src/system/sandbox/sweep.ts';
import { isOurs, isThere } from '../../../../src/system/stress/own-processes.ts';

export interface MemoryStressorOptions {
  /** The present processes of the sandbox's own instances: no other process is moved. */
  readonly victims: () => readonly ProcessVictim[];
  readonly launch: SpokenLaunch;
  /** The compiled program. */
  readonly hog: string;
  readonly logs: string;
  readonly cwd: string;
  /**
   * Each group's path, one per line, written before the group is made; the cleanup of the sandbox removes
   * them (sweep.ts).
   */
  readonly groups: string;
  readonly clock: Clock;
  readonly stopped: AbortSignal;
}

/** The kernel kills the largest process: two hogs with half the memory each are smaller than the victim. */
const HOGS = 2;
/** In sum above the limit, so that it is certainly reached. */
const BEYOND_BYTES = 4 * 1024 * 1024;
/** The maximum. A process may raise its value and restore the former one without any privilege. */
const KILL_FIRST = 1000;

interface Held {
  readonly stress: MemoryStress;
  readonly hogs: SpokenTo[];
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
    if (!isProcess(victim) || !this.#isOurs(victim)) return { kind: 'gone' };
    const group = memoryGroupOf(victim.pid);
    const oomScoreAdj = oomScoreAdjOf(victim.pid);
    const why = whyNoGroupIn(group);
    if (!isThere(victim)) return { kind: 'gone' };
    if (why !== null) return { kind: 'none', why };
    if (group === undefined || oomScoreAdj === undefined) return { kind: 'gone' };
    return { kind: 'cgroup', victim: processOf(victim), group, oomScoreAdj, roomBytes: roomIn(group) };
  }

  async list(): Promise<readonly MemoryStressState[]> {
    return this.#leases.all().map(({ stress, hogs }) => ({
      id: stress.id,
      limitBytes: stress.limitBytes,
      hogs: hogs.filter((one) => isThere(one.identity)).length,
      ...countsOf(groupOf(stress)),
    }));
  }

  begin(stress: MemoryStress): Promise<void> {
    return this.#turn.run(async () => {
      const { stopped, groups } = this.#options;
      const { id, victim, group } = stress;
      if (this.#ended.has(id)) throw refusal(id, 'it was undone already');
      if (this.#leases.get(id)) throw refusal(id, 'it is active already');
      if (!this.#isOurs(victim)) throw refusal(id, `${victim.instance} has exited`);
      const now = memoryGroupOf(victim.pid);
      if (now !== group) throw refusal(id, `${victim.instance} is in ${now ?? 'no group'}, not in ${group}`);
      const held: Held = { stress, hogs: [] };
      this.#leases.hold(id, held, stress.ttlMs, () => this.end(stress));
      const own = groupOf(stress);
      appendFileSync(groups, `${own}\n`, { mode: 0o600, flush: true });
      makeGroup(own, stress.limitBytes);
      for (let index = 0; index < HOGS; index += 1) {
        stopped.throwIfAborted();
        const hog = await this.#startHog(stress);
        held.hogs.push(hog);
        moveTo(join(own, HOG_PART), hog.identity.pid);
      }
      if (!isThere(victim)) throw refusal(id, `${victim.instance} has exited`);
      setOomScoreAdj(victim.pid, KILL_FIRST);
      moveTo(join(own, VICTIM_PART), victim.pid);
      for (const one of held.hogs) one.say('go');
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
      const { id, victim, group, oomScoreAdj } = undo;
      this.#ended.set(id, this.#ended.get(id) ?? null);
      const { unkillable } = sweepProcesses(this.#leases.get(id)?.hogs.map((one) => one.identity) ?? []);
      if (isThere(victim) && processesIn(join(groupOf(undo), VICTIM_PART)).includes(victim.pid)) {
        moveTo(group, victim.pid);
      }
      if (isThere(victim) && oomScoreAdjOf(victim.pid) === KILL_FIRST) {
        setOomScoreAdj(victim.pid, oomScoreAdj);
      }
      await removeGroup(groupOf(undo));
      // A stress that could not be ended stays in the list, for `removed` to report it.
      if (unkillable.length > 0) return;
      this.#leases.release(id);
      // The first end counts: later ones find nothing to end.
      this.#ended.set(id, this.#ended.get(id) ?? this.#options.clock.now());
    });
  }

  #startHog({ limitBytes, ttlMs }: MemoryStress): Promise<SpokenTo> {
    const { launch, hog, logs, cwd } = this.#options;
    const bytes = limitBytes / HOGS + BEYOND_BYTES;
    const argv = [process.execPath, hog, String(ttlMs), String(bytes)];
    return launch({ argv, log: join(logs, 'hog.log'), cwd });
  }

  #isOurs(victim: ProcessVictim): boolean {
    return isOurs(this.#options.victims(), victim);
  }
}

/** The only directory that this stress makes. */
const groupOf = ({ id, group }: Pick<MemoryUndo, 'id' | 'group'>): string => join(group, `gauntlet-${id}`);

const refusal = (id: string, got: string): GauntletError =>
  new GauntletError('unavailable', [
    { subject: id, expected: 'to start', got, text: `cannot start: ${got}` },
  ]);
