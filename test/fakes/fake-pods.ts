/**
 * The fake platform as a cluster: its instances are pods, deleted by uid and replaced by a controller under
 * the same name. They cannot be stopped, there is no memory stress, and Chaos Mesh starts the spinners.
 * Links, Kafka, Redis and probes are the same.
 */
import type {
  InstanceActs,
  InstanceLife,
  InstanceState,
  ProcessState,
} from '../../src/core/acts/instance-acts.ts';
import type { LinkState } from '../../src/core/acts/link-acts.ts';
import type { Platform } from '../../src/core/acts/platform.ts';
import type { CpuSpan, PodStress, PodStressActs, SqueezedPod } from '../../src/core/acts/pod-stress-acts.ts';
import type { CpuUse } from '../../src/core/acts/stress-acts.ts';
import { GauntletError } from '../../src/core/errors.ts';
import type { PodVictim, ProcessVictim, Victim } from '../../src/core/topology.ts';
import { type EpochMs, ms } from '../../src/core/units.ts';
import type { FakePlatform } from './fake-platform.ts';

const CONTAINER = 'app';
const LIMIT_CPUS = 1;
/** Duration of the readings before spinners start. */
const BEFORE_MS = ms(400);
/** Its deadline cannot be moved. */
const DEADLINE_MS = 600_000;

const uidOf = ({ pid }: Pick<ProcessVictim, 'pid'>): string => `uid-${pid}`;
const podOf = (one: ProcessVictim): PodVictim => ({
  service: one.service,
  instance: one.instance,
  namespace: 'shop',
  uid: uidOf(one),
});

function stateOf(one: ProcessState): InstanceState {
  const { ready, restarts } = one;
  const id = `containerd://${one.pid}`;
  const container = { name: CONTAINER, id, ready, restarts, lastEnd: null };
  const inside = { containers: [container], restarts: true, isFirstProcess: true };
  return { ...podOf(one), ready, restarts, isLeaving: false, inside };
}

const lifeOf = (one: InstanceLife): InstanceLife => {
  if (!('pid' in one)) return one;
  const { startedAt, readyAt, endedAt } = one;
  return { ...podOf(one), startedAt, readyAt, endedAt };
};

/** The acts of a platform of pods, on the same target. */
export function asPods(target: FakePlatform): Platform {
  const { stress: _, memory: __, instances, redis, links, ...others } = target.platform;
  if (instances === undefined || redis === undefined || links === undefined)
    throw new Error('a target without instances, Redis or links');
  return {
    ...others,
    links: { ...links, list: async () => (await links.list()).map(byRules) },
    instances: instancesOf(target, instances),
    podStress: podStressOf(target),
    redis: {
      ...redis,
      keptConnection: false,
      config: (key) => (key === 'maxclients' ? Promise.reject(noWayBack()) : redis.config(key)),
    },
  };
}

/** No proxy of ours is in front from the start, so none rejects a connection. */
const byRules = ({ traffic: { rejected: _, ...traffic }, ...link }: LinkState): LinkState => ({
  ...link,
  traffic,
});

/** At its client limit Redis would also refuse the undo. */
const noWayBack = (): GauntletError =>
  new GauntletError('refused', [
    { subject: 'maxclients', expected: 'a connection that outlives the harness', got: 'none' },
  ]);

function instancesOf(target: FakePlatform, processes: InstanceActs): InstanceActs {
  const processOf = (victim: Victim): ProcessState | undefined =>
    'uid' in victim ? target.instances().find((one) => uidOf(one) === victim.uid) : undefined;
  const end = async (victim: Victim): Promise<'sent' | 'gone'> => {
    const process = processOf(victim);
    return process === undefined ? 'gone' : await processes.signal(process, 'SIGKILL');
  };
  return {
    async list(service) {
      target.catchUp();
      return target.instances(service).map(stateOf);
    },
    lives: async (service) => (await processes.lives(service)).map(lifeOf),
    signal: end,
    removal: { remove: end, evict: end },
    successors: { of: async (victims) => victims.map(() => ({ kind: 'comes', by: 'ReplicaSet app-1' })) },
  };
}

interface Reading {
  readonly at: EpochMs;
  readonly use: CpuUse;
  readonly spunMs: number;
}

interface Squeezed {
  readonly stress: PodStress;
  readonly before: readonly (readonly [Reading, Reading] | undefined)[];
  readonly inPlaceAt: EpochMs;
  readonly from: readonly (Reading | undefined)[];
  ended: readonly (Reading | undefined)[] | null;
}

function podStressOf(target: FakePlatform): PodStressActs {
  const { clock } = target;
  const placed = new Map<string, Squeezed>();
  const read = async (id: string, victim: PodVictim): Promise<Reading | undefined> => {
    const at = clock.now();
    const uses = await target.stress.acts.cpu(victim.service);
    const use = uses.find((one) => uidOf(one) === victim.uid);
    return use && { at, use: { ...use }, spunMs: target.stress.placed.get(id)?.spunMs ?? 0 };
  };
  const readAll = async (id: string, victims: readonly PodVictim[]) =>
    await Promise.all(victims.map((victim) => read(id, victim)));
  const rows = (
    { stress, before }: Squeezed,
    from: readonly (Reading | undefined)[],
    now: readonly (Reading | undefined)[],
  ): SqueezedPod[] =>
    stress.victims.map((victim, index) => ({
      victim,
      before: span(before[index]?.[0], before[index]?.[1]),
      since: span(from[index], now[index]),
    }));
  return {
    preview: async (victims) => victims.map(() => LIMIT_CPUS),
    async begin(stress) {
      const first = await readAll(stress.id, stress.victims);
      await clock.sleep(BEFORE_MS);
      const second = await readAll(stress.id, stress.victims);
      const processes = target
        .instances()
        .filter((one) => stress.victims.some((pod) => pod.uid === uidOf(one)));
      await target.stress.acts.begin({
        ...{ id: stress.id, cpu: 1, workers: stress.workers, ttlMs: DEADLINE_MS },
        victims: processes.map((victim) => ({ victim, cpus: '0-1' })),
      });
      const before = first.map((one, index) => {
        const other = second[index];
        return one && other && ([one, other] as const);
      });
      const from = await readAll(stress.id, stress.victims);
      placed.set(stress.id, { stress, before, inPlaceAt: clock.now(), from, ended: null });
    },
    async list() {
      const held = [...placed.values()].filter((one) => one.ended === null);
      return await Promise.all(
        held.map(async (one) => {
          const { id, victims } = one.stress;
          return { id, inPlaceAt: one.inPlaceAt, pods: rows(one, one.from, await readAll(id, victims)) };
        }),
      );
    },
    renew: async (id) => target.stress.placed.has(id),
    async end(id) {
      const held = target.stress.placed.get(id);
      if (held !== undefined) await target.stress.acts.end(held);
      const one = placed.get(id);
      if (one !== undefined) one.ended ??= await readAll(id, one.stress.victims);
    },
    async after(id, victims) {
      const one = placed.get(id);
      if (one === undefined) return null;
      return rows(one, one.ended ?? one.from, await readAll(id, victims));
    },
  };
}

function span(from: Reading | undefined, to: Reading | undefined): CpuSpan | null {
  if (from === undefined || to === undefined || to.at <= from.at) return null;
  const besideMs = Math.max(0, to.spunMs - from.spunMs);
  return {
    spanMs: to.at - from.at,
    cpuMs: to.use.cpuMs - from.use.cpuMs,
    waitedMs: to.use.waitedMs - from.use.waitedMs,
    besideMs,
    beside: besideMs > 0 ? ['stress-ng'] : [],
  };
}
