/**
 * Everything about a sandbox that a fault could have left behind, and how it differs from the state before. Two kinds:
 * what an undo takes back must be as before within the lease; what comes back by itself (a successor, a follower that
 * catches up) has a longer bound of its own.
 */
import { createHash } from 'node:crypto';
import type { Platform } from '../../src/core/acts/platform.ts';
import { isProcess, type Victim } from '../../src/core/topology.ts';
import { RedisLine } from '../../src/protocols/redis/line.ts';
import { memoryGroupOf, oomScoreAdjOf } from '../../src/system/memory-cgroup.ts';

export interface TargetState {
  /** `link: impairments`, for links that have some. */
  readonly impaired: readonly string[];
  readonly httpFaults: readonly string[];
  readonly stopped: readonly string[];
  /** Memory stresses, and instances that one has left elsewhere: `instance: group, oom_score_adj`. */
  readonly memory: readonly string[];
  readonly redisPauses: readonly string[];
  /** CONFIG GET *, without what Redis changes by itself. */
  readonly redisConfig: Readonly<Record<string, string>>;
  /** SHA-256 over the run's own keys with their values, read and written through the server. */
  readonly redisData: string;
  readonly ready: readonly string[];
  /** Partitions that lack a leader or an in-sync replica. */
  readonly shrunken: readonly string[];
}

/** What may take longer than a lease: nobody undoes it, the platform brings it back. */
const BY_ITSELF: readonly (keyof TargetState)[] = ['ready', 'shrunken'];

const KEYS = 200;
const DEADLINE_MS = 1000;
const keyOf = (index: number): string => `torture:${index}`;

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** The server itself, past the links: 127.n.0.10 in the layout of the sandbox. */
export function redisServerOf(platform: Platform): RedisAddress {
  const url = new URL(platform.topology.redis?.url ?? '');
  return { host: `127.${url.hostname.split('.')[1]}.0.10`, port: Number(url.port) };
}

export async function writeData(redis: RedisAddress): Promise<void> {
  const line = await RedisLine.open(redis, DEADLINE_MS);
  try {
    for (let index = 0; index < KEYS; index += 1) {
      await line.call(['SET', keyOf(index), `value ${index}`], DEADLINE_MS);
    }
  } finally {
    line.close();
  }
}

/** Asks the target itself each time. What cannot be asked is a difference, not an error. */
export async function readTarget(platform: Platform, redis: RedisAddress): Promise<TargetState> {
  const [links, http, instances, groups, pauses, partitions, server] = await Promise.all([
    platform.links?.list() ?? [],
    platform.http?.list() ?? [],
    platform.instances?.list() ?? [],
    platform.memory?.list() ?? [],
    platform.redis?.pauses() ?? [],
    platform.kafka?.partitions().catch((error: Error) => error) ?? [],
    readRedis(redis).catch((error: Error) => error),
  ]);
  return {
    impaired: links
      .filter((one) => one.impairedBy.length > 0)
      .map((one) => `${one.name}: ${one.impairedBy.join(', ')}`),
    httpFaults: http.map((one) => one.id),
    stopped: instances.filter((one) => one.stopped === true).map((one) => one.instance),
    memory: [...groups.map((one) => one.id), ...instances.flatMap(strayOf)],
    redisPauses: pauses,
    redisConfig: server instanceof Error ? { unreadable: server.message } : server.config,
    redisData: server instanceof Error ? server.message : server.data,
    ready: instances
      .filter((one) => one.ready)
      .map((one) => one.instance)
      .sort(),
    shrunken:
      partitions instanceof Error
        ? [partitions.message]
        : partitions
            .filter((one) => one.isr.length < one.replicas.length || !one.isr.includes(one.leader))
            .map((one) => `${one.topic}-${one.partition}: leader ${one.leader}, in sync ${one.isr}`),
  };
}

/** In a group of ours, or with the score that it had there. */
function strayOf(one: Victim): readonly string[] {
  if (!isProcess(one)) return [];
  const { instance, pid } = one;
  const [group, score] = [memoryGroupOf(pid), oomScoreAdjOf(pid)];
  const isStray = group?.includes('gauntlet-memory-stress') === true || score === 1000;
  return isStray ? [`${instance}: ${group}, oom_score_adj ${score}`] : [];
}

/** On a connection of its own each time: a held one says nothing about a client limit. */
async function readRedis(redis: RedisAddress): Promise<{ config: Record<string, string>; data: string }> {
  const line = await RedisLine.open(redis, DEADLINE_MS);
  try {
    const names = Array.from({ length: KEYS }, (_, index) => keyOf(index));
    const flat = (await line.call(['CONFIG', 'GET', '*'], DEADLINE_MS)) as string[];
    const values = await line.call(['MGET', ...names], DEADLINE_MS);
    // A write as well: a pause of writes and a memory limit let reads pass.
    await line.call(['SET', keyOf(0), 'value 0'], DEADLINE_MS);
    const config: Record<string, string> = {};
    for (let at = 0; at + 1 < flat.length; at += 2) config[String(flat[at])] = String(flat[at + 1]);
    return { config, data: createHash('sha256').update(JSON.stringify(values)).digest('hex') };
  } finally {
    line.close();
  }
}

export interface Difference {
  /** What an undo has to take back. */
  readonly undo: readonly string[];
  /** What comes back by itself. */
  readonly byItself: readonly string[];
}

export function difference(before: TargetState, now: TargetState): Difference {
  const names = Object.keys(before) as (keyof TargetState)[];
  const changed = names
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]))
    .map((name) => ({ name, text: `${name}: ${shortDifference(before[name], now[name])}` }));
  return {
    undo: changed.filter(({ name }) => !BY_ITSELF.includes(name)).map(({ text }) => text),
    byItself: changed.filter(({ name }) => BY_ITSELF.includes(name)).map(({ text }) => text),
  };
}

/** Of lists and settings only what differs: CONFIG GET * alone has 200 entries. */
function shortDifference(
  before: TargetState[keyof TargetState],
  now: TargetState[keyof TargetState],
): string {
  const flat = (value: typeof before): string[] => {
    if (typeof value === 'string') return [value];
    return Array.isArray(value)
      ? value.map(String)
      : Object.entries(value).map(([key, one]) => `${key} ${one}`);
  };
  const [old, present] = [flat(before), flat(now)];
  const gone = old.filter((one) => !present.includes(one)).map((one) => `-${one}`);
  return [...gone, ...present.filter((one) => !old.includes(one)).map((one) => `+${one}`)].join(', ');
}
