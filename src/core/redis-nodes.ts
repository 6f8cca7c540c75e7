/**
 * A Redis that is several servers, as a target file names it: its nodes are found by asking, because a
 * failover changes which of them is a master.
 */
import type { Access } from './access.ts';

export type RedisNodes = RedisCluster | RedisSentinels;

export interface RedisCluster {
  readonly kind: 'cluster';
  /** `host:port` of some of its nodes; any of them names all. */
  readonly seeds: readonly string[];
}

export interface RedisSentinels {
  readonly kind: 'sentinels';
  /** `host:port` of each. */
  readonly sentinels: readonly string[];
  /** As the Sentinels call it. */
  readonly master: string;
  /** Of the Sentinels themselves. */
  readonly access?: Access;
}
