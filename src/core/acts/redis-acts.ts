/** The acts on a Redis server: its state, and commands that change its settings or pause it. */
import type { Ms } from '../units.ts';

/** The settings of a Redis server that a fault may change, and those that it may only read. */
export const REDIS_SETTINGS = ['maxclients', 'maxmemory'] as const;
export const REDIS_READ_ONLY = ['maxmemory-policy', 'maxmemory-clients'] as const;
export type RedisSetting = (typeof REDIS_SETTINGS)[number];
export type RedisReadable = RedisSetting | (typeof REDIS_READ_ONLY)[number];

/** Compare and set: writes only if the server is the same and the value is still the one that was read. */
export interface RedisChange {
  /** `run_id` of the intended server. */
  readonly identity: string;
  readonly key: RedisSetting;
  readonly from: string;
  readonly to: string;
}

export interface RedisPause {
  /** Chosen by the fault and journalled before the pause begins, so that any process can end it. */
  readonly id: string;
  /** `all`: every command waits; `write`: those that may change data or are replicated wait. */
  readonly mode: 'all' | 'write';
  /** The platform itself ends the pause after this time unless it is renewed. */
  readonly ttlMs: number;
}

/** INFO as numbers, for the whole server. */
export interface RedisFigures {
  readonly connectedClients: number;
  readonly usedMemoryBytes: number;
  /** Keys evicted since the server started. */
  readonly evictedKeys: number;
}

/**
 * Commands to a Redis server, over a connection that bypasses the impaired links and was opened before the
 * fault: at its client limit a server also rejects the client that would raise the limit again (decision
 * 011).
 */
export interface RedisActs {
  /**
   * The connection outlives the harness and was open before the fault, so that a lowered client limit can be
   * raised again.
   */
  readonly keptConnection: boolean;
  /** `run_id`: new at each start. A restarted server has lost what CONFIG SET had changed. */
  identity(): Promise<string>;
  config(key: RedisReadable): Promise<string>;
  /** `restarted`, `changed`: not written, because the identity or the value has changed. */
  setConfig(change: RedisChange): Promise<'set' | 'restarted' | 'changed'>;
  /**
   * The ids of the pauses that are held now. Asks the process that holds them, because the server itself may
   * be paused.
   */
  pauses(): Promise<readonly string[]>;
  pause(pause: RedisPause): Promise<void>;
  /** False when no such pause is held any more. */
  renewPause(id: string, ttl: Ms): Promise<boolean>;
  /** Idempotent. The server continues when the last slice has run out, at most 1 s later. */
  endPause(id: string): Promise<void>;
  /** Closes every normal client connection except its own; returns how many. */
  killNormalConnections(): Promise<number>;
  figures(): Promise<RedisFigures>;
}

/** One server of several: its address is not its identity, because another server may have it by now. */
export interface RedisNode {
  /** `host:port`. */
  readonly address: string;
  /** Its id in a Cluster, which a restart keeps. Absent: Sentinels know no such thing. */
  readonly id?: string;
}

export interface RedisMaster extends RedisNode {
  /** `run_id`. */
  readonly identity: string;
  /** Of a Cluster: `0-5460`. */
  readonly slots?: string;
}

/** A Redis that is several servers. The acts on each are those of a single one. */
export interface RedisGroup {
  readonly kind: 'cluster' | 'sentinels';
  /** Those that serve writes now, in the order of their slots. */
  masters(): Promise<readonly RedisMaster[]>;
  /**
   * The acts on this very node, wherever it is and whatever it has become: the process that has this run_id,
   * or the one that took its place when it was restarted. @throws unavailable when neither is found: another
   * server is never taken for it.
   */
  at(node: RedisNode, identity: string): Promise<RedisActs>;
  /** The acts at its address as this process holds them: asks nothing, so that a pause can be ended. */
  held(node: RedisNode): RedisActs;
}
