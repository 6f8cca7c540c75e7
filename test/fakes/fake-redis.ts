/**
 * The Redis of the fake platform: settings, pauses that expire, connections that can be killed, and a run_id.
 */

import type { RedisActs, RedisChange, RedisPause, RedisReadable } from '../../src/core/acts/redis-acts.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Ms } from '../../src/core/units.ts';

export interface FakeRedisOptions {
  /** Commands are accepted without an effect, as when clients use another server. */
  readonly redisUnused?: boolean;
  /** `maxmemory-policy`; default noeviction. */
  readonly evictionPolicy?: string;
}

/** The parts of the fake world that it needs. */
interface FakeHost {
  readonly options: FakeRedisOptions;
  readonly clock: Clock;
  /** Every act that changed something. */
  readonly acts: string[];
  /** Executes all events that are due. */
  catchUp(): void;
}

/** The effect on a request of a connection. */
type Word = { readonly outcome: string; readonly stalled: boolean } | null;

const KEYS = 2001;

export class FakeRedis {
  runId = 'a1b2c3d4e5f60718';
  readonly settings = new Map<RedisReadable, string>();
  readonly pauses = new Map<string, { readonly mode: 'all' | 'write'; expiresAt: number }>();
  evicted = 0;
  /** Counts the kills: a held connection belongs to the generation in which it was made. */
  generation = 0;
  readonly acts: RedisActs;
  readonly #host: FakeHost;

  constructor(host: FakeHost) {
    this.#host = host;
    this.restart();
    const now = <T>(act: () => T): T => {
      host.catchUp();
      return act();
    };
    const asked = <T>(act: () => T): T =>
      now(() => {
        // The server makes all clients wait, including us; only the holder of the pause can answer.
        if ([...this.pauses.values()].some((one) => one.mode === 'all')) {
          throw new Error('no answer in 1000 ms');
        }
        return act();
      });
    this.acts = {
      keptConnection: true,
      identity: async () => asked(() => this.runId),
      config: async (key) => asked(() => this.settings.get(key) ?? ''),
      setConfig: async (change) => asked(() => this.#set(change)),
      pauses: async () => now(() => [...this.pauses.keys()]),
      pause: async (pause) => now(() => this.#pause(pause)),
      renewPause: async (id, ttl) => now(() => this.#renew(id, ttl)),
      endPause: async (id) => now(() => this.#end(id)),
      killNormalConnections: async () => asked(() => this.#kill()),
      figures: async () =>
        asked(() => ({ connectedClients: 4, usedMemoryBytes: 1_000_000, evictedKeys: this.evicted })),
    };
  }

  /** A restart of the process: settings are those of its start, pauses have ended, connections are broken. */
  restart(runId = this.runId): void {
    this.runId = runId;
    this.settings.clear();
    this.settings.set('maxclients', '10000').set('maxmemory', '0').set('maxmemory-clients', '0');
    this.settings.set('maxmemory-policy', this.#host.options.evictionPolicy ?? 'noeviction');
    this.pauses.clear();
    this.generation += 1;
  }

  /** Everything that a fault could have left. */
  traces(): unknown {
    return { settings: [...this.settings], pauses: [...this.pauses.keys()], evicted: this.evicted };
  }

  step(at: number): void {
    for (const [id, pause] of this.pauses) if (pause.expiresAt <= at) this.pauses.delete(id);
  }

  /** The reason why a request gets no answer; null: it gets one. */
  answer(probe: 'redis' | 'redis:write', connection: 'held' | 'fresh'): Word {
    if (this.#host.options.redisUnused === true) return null;
    if (connection === 'fresh' && Number(this.settings.get('maxclients')) < 10) {
      return { outcome: 'ERR max number of clients reached', stalled: false };
    }
    const modes = [...this.pauses.values()].map((one) => one.mode);
    if (modes.includes('all') || (modes.length > 0 && probe === 'redis:write')) {
      return { outcome: 'stalled', stalled: true };
    }
    const limit = Number(this.settings.get('maxmemory'));
    return probe === 'redis:write' && limit > 0 && limit < 1_000_000
      ? { outcome: "OOM command not allowed when used memory > 'maxmemory'.", stalled: false }
      : null;
  }

  #set({ identity, key, from, to }: RedisChange): 'set' | 'restarted' | 'changed' {
    if (identity !== this.runId) return 'restarted';
    if (this.settings.get(key) !== from) return 'changed';
    this.#host.acts.push(`set ${key}`);
    this.settings.set(key, to);
    const evicts = key === 'maxmemory' && this.settings.get('maxmemory-policy') !== 'noeviction';
    if (evicts && to !== '0') this.evicted += KEYS;
    return 'set';
  }

  #pause({ id, mode, ttlMs }: RedisPause): void {
    this.#host.acts.push(`pause ${mode}`);
    this.pauses.set(id, { mode, expiresAt: this.#host.clock.now() + ttlMs });
  }

  #renew(id: string, ttl: Ms): boolean {
    const pause = this.pauses.get(id);
    if (pause) pause.expiresAt = this.#host.clock.now() + ttl;
    return pause !== undefined;
  }

  #end(id: string): void {
    this.#host.acts.push('end pause');
    this.pauses.delete(id);
  }

  #kill(): number {
    this.#host.acts.push('kill connections');
    if (this.#host.options.redisUnused !== true) this.generation += 1;
    return 3;
  }
}
