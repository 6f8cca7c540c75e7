/**
 * All state of a sandbox that a fault could have changed, and its difference from the earlier state. State
 * that an undo reverts must be as before within the lease. State that recovers by itself (a successor, a
 * follower that catches up) has its own, longer bound.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseSystem } from '../../src/config/system/read-system.ts';
import type { Platform } from '../../src/core/acts/platform.ts';
import { planLayout } from '../../src/core/sandbox/layout.ts';
import { isProcess, redisOf, type Victim } from '../../src/core/topology.ts';
import { RedisLine } from '../../src/protocols/redis/line.ts';
import { memoryGroupOf, oomScoreAdjOf } from '../../src/system/memory-cgroup.ts';
import type { SandboxState } from '../../src/system/sandbox/state.ts';

export interface TargetState {
  /** `link: impairments`, for links with any. */
  readonly impaired: readonly string[];
  readonly httpFaults: readonly string[];
  readonly stopped: readonly string[];
  /** Memory stresses, and instances that one has left in another group: `instance: group, oom_score_adj`. */
  readonly memory: readonly string[];
  /** What its brokers say of the setting that a fault changes, of the topic that it changes. */
  readonly topicSettings: readonly string[];
  readonly redisPauses: readonly string[];
  /** CONFIG GET *, without the values that Redis changes by itself. */
  readonly redisConfig: Readonly<Record<string, string>>;
  /** SHA-256 over the run's own keys with their values, read and written through the server. */
  readonly redisData: string;
  readonly ready: readonly string[];
  /** Partitions that lack a leader or an in-sync replica. */
  readonly shrunken: readonly string[];
}

/** State that may take longer than a lease: the platform restores it, not an undo. */
const BY_ITSELF: readonly (keyof TargetState)[] = ['ready', 'shrunken'];

/** See example.ts. */
const TOPIC = 'intentions.business';
const KEYS = 200;
const DEADLINE_MS = 1000;
const keyOf = (index: number): string => `torture:${index}`;

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** The server itself, bypassing the links. */
export function redisServerOf({
  probeTopology,
  system,
}: Pick<SandboxState, 'probeTopology' | 'system'>): RedisAddress {
  const redis = redisOf(probeTopology);
  const subnet = Number(redis?.host.split('.')[1]);
  const layout = planLayout(parseSystem(system.file, readFileSync(system.file, 'utf8')), subnet);
  const host = layout.instances.find((one) => one.ports.redis !== undefined)?.host;
  return { host: host ?? '', port: redis?.port ?? 0 };
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

/** Reads the state from the target each time. Unreadable state is a difference, not an error. */
export async function readTarget(platform: Platform, redis: RedisAddress): Promise<TargetState> {
  const [links, http, instances, groups, settings, pauses, partitions, server] = await Promise.all([
    platform.links?.list() ?? [],
    platform.http?.list() ?? [],
    platform.instances?.list() ?? [],
    platform.memory?.list() ?? [],
    platform.kafka?.topics?.config(TOPIC, 'max.message.bytes').catch((error: Error) => error) ?? [],
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
    topicSettings:
      settings instanceof Error
        ? [settings.message]
        : settings.map(({ value, isOwn }) => `${value}${isOwn ? '' : ', inherited'}`),
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

/** True for an instance in a group of ours, or with the score that it had there. */
function strayOf(one: Victim): readonly string[] {
  if (!isProcess(one)) return [];
  const { instance, pid } = one;
  const [group, score] = [memoryGroupOf(pid), oomScoreAdjOf(pid)];
  const isStray = group?.includes('gauntlet-memory-stress') === true || score === 1000;
  return isStray ? [`${instance}: ${group}, oom_score_adj ${score}`] : [];
}

/** On a new connection each time: a held one gives no evidence about a client limit. */
async function readRedis(redis: RedisAddress): Promise<{ config: Record<string, string>; data: string }> {
  const line = await RedisLine.open(redis, DEADLINE_MS);
  try {
    const names = Array.from({ length: KEYS }, (_, index) => keyOf(index));
    const flat = (await line.call(['CONFIG', 'GET', '*'], DEADLINE_MS)) as string[];
    const values = await line.call(['MGET', ...names], DEADLINE_MS);
    // A write too: a pause of writes and a memory limit let reads pass.
    await line.call(['SET', keyOf(0), 'value 0'], DEADLINE_MS);
    const config: Record<string, string> = {};
    for (let at = 0; at + 1 < flat.length; at += 2) config[String(flat[at])] = String(flat[at + 1]);
    return { config, data: createHash('sha256').update(JSON.stringify(values)).digest('hex') };
  } finally {
    line.close();
  }
}

export interface Difference {
  /** State that an undo has to revert. */
  readonly undo: readonly string[];
  /** State that recovers by itself. */
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

/** Only the differences of lists and settings: CONFIG GET * alone has 200 entries. */
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
