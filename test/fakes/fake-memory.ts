/**
 * The memory of the fake platform: hogs fill a group in one step, and then the kernel kills the victim, or
 * the configured process.
 */

import type { ProcessState } from '../../src/core/acts/instance-acts.ts';
import {
  type MemoryActs,
  type MemoryMeans,
  type MemoryStress,
  type MemoryUndo,
  MIB,
} from '../../src/core/acts/memory-acts.ts';
import type { Clock } from '../../src/core/clock.ts';
import { isProcess, type ProcessVictim, processOf, type Victim } from '../../src/core/topology.ts';
import type { EpochMs } from '../../src/core/units.ts';

export interface FakeMemoryOptions {
  /** The missing precondition of a group; default none. */
  readonly noMemoryGroup?: string;
  /** What the user can do then. */
  readonly memoryFix?: string;
  readonly memoryRoomMiB?: number;
  /** The process that the kernel finds largest; default the victim. `nobody`: the limit is never reached. */
  readonly oomTakes?: 'victim' | 'hog' | 'nobody';
}

interface FakeHost {
  readonly options: FakeMemoryOptions;
  readonly clock: Clock;
  readonly acts: string[];
  catchUp(): void;
  instances(): readonly ProcessState[];
  kill(victim: ProcessVictim): void;
}

interface Placed extends MemoryStress {
  readonly fullAt: number;
  expiresAt: number;
  victimKills: number;
  hogKills: number;
}

interface Place {
  group: string;
  oomScoreAdj: number;
}

const HOME = '/sys/fs/cgroup/memory/runner';
const FILL_MS = 100;
const ROOM_MIB = 4096;
const HOGS = 2;

export class FakeMemory {
  readonly placed = new Map<string, Placed>();
  readonly acts: MemoryActs;
  readonly #host: FakeHost;
  readonly #ended = new Map<string, EpochMs>();
  readonly #places = new Map<number, Place>();

  constructor(host: FakeHost) {
    this.#host = host;
    const now = <T>(act: () => T): T => {
      host.catchUp();
      return act();
    };
    this.acts = {
      means: async (victim) => now(() => this.#means(victim)),
      list: async () =>
        now(() =>
          [...this.placed.values()].map(({ id, limitBytes, fullAt, victimKills, hogKills }) => {
            const isFull = host.clock.now() >= fullAt;
            const hits = isFull && host.options.oomTakes !== 'nobody' ? 3 : 0;
            const usedBytes = isFull ? limitBytes - MIB : 0;
            return { id, limitBytes, usedBytes, hits, hogs: HOGS - hogKills, victimKills, hogKills };
          }),
        ),
      begin: async (stress) => now(() => this.#begin(stress)),
      renew: async (id, ttl) => now(() => this.#renew(id, ttl)),
      endedAt: async (id) => now(() => this.#ended.get(id) ?? null),
      end: async (undo) => now(() => this.#end(undo)),
    };
  }

  /** Everything that a fault could have left on living instances. */
  traces(): unknown {
    const away = this.#host.instances().filter((one) => this.#placeOf(one).group !== HOME);
    const scored = this.#host.instances().filter((one) => this.#placeOf(one).oomScoreAdj !== 0);
    return { groups: [...this.placed.keys()], away, scored };
  }

  /** A change of a victim by another party. */
  move(victim: ProcessVictim, group: string): void {
    this.#placeOf(victim).group = group;
  }

  step(at: number): void {
    const takes = this.#host.options.oomTakes ?? 'victim';
    for (const stress of [...this.placed.values()]) {
      if (stress.expiresAt <= at) {
        this.#end(stress);
        continue;
      }
      if (at < stress.fullAt || takes === 'nobody' || stress.victimKills + stress.hogKills > 0) continue;
      if (takes === 'hog') stress.hogKills = 1;
      else if (this.#isThere(stress.victim)) {
        stress.victimKills = 1;
        this.#host.kill(stress.victim);
      }
    }
  }

  #means(victim: Victim): MemoryMeans {
    const { noMemoryGroup: why, memoryFix: fix, memoryRoomMiB = ROOM_MIB } = this.#host.options;
    if (!isProcess(victim) || !this.#isThere(victim)) return { kind: 'gone' };
    if (why !== undefined) return { kind: 'none', why, ...(fix !== undefined && { fix }) };
    return {
      kind: 'cgroup',
      victim: processOf(victim),
      ...this.#placeOf(victim),
      roomBytes: memoryRoomMiB * MIB,
    };
  }

  #placeOf({ pid }: Pick<ProcessVictim, 'pid'>): Place {
    const found = this.#places.get(pid) ?? { group: HOME, oomScoreAdj: 0 };
    this.#places.set(pid, found);
    return found;
  }

  #begin(stress: MemoryStress): void {
    this.#host.acts.push(`memory stress ${stress.victim.instance}`);
    const now = this.#host.clock.now();
    const expiresAt = now + stress.ttlMs;
    this.placed.set(stress.id, { ...stress, fullAt: now + FILL_MS, expiresAt, victimKills: 0, hogKills: 0 });
    if (!this.#isThere(stress.victim)) return;
    const place = this.#placeOf(stress.victim);
    place.group = groupOf(stress);
    place.oomScoreAdj = 1000;
  }

  #renew(id: string, ttl: number): boolean {
    const stress = this.placed.get(id);
    if (stress === undefined) return false;
    stress.expiresAt = this.#host.clock.now() + ttl;
    return true;
  }

  #end(undo: MemoryUndo): void {
    this.#host.acts.push('end memory stress');
    this.placed.delete(undo.id);
    if (!this.#ended.has(undo.id)) this.#ended.set(undo.id, this.#host.clock.now());
    const place = this.#placeOf(undo.victim);
    if (!this.#isThere(undo.victim) || place.oomScoreAdj !== 1000) return;
    if (place.group === groupOf(undo)) place.group = undo.group;
    place.oomScoreAdj = undo.oomScoreAdj;
  }

  #isThere({ pid, startTicks }: ProcessVictim): boolean {
    return this.#host.instances().some((one) => one.pid === pid && one.startTicks === startTicks);
  }
}

const groupOf = ({ group, id }: Pick<MemoryUndo, 'group' | 'id'>): string => `${group}/gauntlet-${id}`;
