/**
 * CPU limits of containers, set where the kernel keeps them: in the control group of one run. The engine could
 * set them too, but it keeps what it is given: its period cannot be taken back, and a later run would have the
 * limit as well. What is written here ends with the run.
 */
import {
  type CpuLimit,
  type CpuLimitActs,
  cpusIn,
  isBetween,
  isSameLimit,
  type LimitedContainer,
} from '../../core/acts/cpu-limit-acts.ts';
import type { DockerHandle } from '../../core/acts/docker-handle.ts';
import type { Clock } from '../../core/clock.ts';
import { GauntletError } from '../../core/errors.ts';
import { type ContainerVictim, describeVictim } from '../../core/topology.ts';
import { ms } from '../../core/units.ts';
import {
  type CpuGroup,
  countsOf,
  cpuGroupOf,
  limitOf,
  setLimit,
  whyNoLimitIn,
} from '../../system/cpu-cgroup.ts';
import { type Container, containersOf, inspect, isThisRun, victimIn } from './containers.ts';
import type { Engine } from './engine.ts';
import { hostProcessOf } from './host-process.ts';
import type { OneEngine } from './one-engine.ts';
import { serviceOf } from './service-of.ts';

const WATCHED_MS = ms(50);
const FIX =
  'Run Gauntlet as root on the machine of the engine, outside of containers: the limit is set in its kernel.';

/** Null: its process is gone. @throws refused where there is none that can be limited from here. */
export type Find = (victim: ContainerVictim, container: Container) => CpuGroup | null;

/** @param find the control group of a run. */
export function dockerCpuLimits(
  { services }: Pick<DockerHandle, 'services'>,
  one: OneEngine,
  clock: Clock,
  find: Find = groupHere,
): CpuLimitActs {
  /** Null: this run has ended. */
  const inGroup = async <T>(victim: ContainerVictim, act: (group: CpuGroup) => T): Promise<T | null> => {
    const container = await inspect(await one.engine(), victim.container);
    if (!isThisRun(container, victim)) return null;
    try {
      const group = find(victim, container);
      return group === null ? null : act(group);
    } catch (error) {
      // Of a run that ends meanwhile the kernel has no group any more.
      if (await isRunning(victim)) throw error;
      return null;
    }
  };
  const isRunning = async (victim: ContainerVictim): Promise<boolean> =>
    isThisRun(await inspect(await one.engine(), victim.container), victim);
  return {
    async list(service) {
      const found = await containersOf(await one.engine(), serviceOf(services, service));
      const running = found.filter((each) => each.isRunning).map((each) => victimIn(service, each));
      const states = running.map((victim) =>
        inGroup(victim, (group): LimitedContainer => {
          return { ...victim, limit: limitOf(group), ...countsOf(group) };
        }),
      );
      return (await Promise.all(states)).filter((state) => state !== null);
    },

    async set(victim, from, to) {
      const done = await inGroup(victim, (group) => change(group, from, to));
      if (done !== 'set' || (await isRunning(victim))) return done ?? 'gone';
      // Another run began meanwhile, whose group has the same name.
      if (cpusIn(to) < cpusIn(from)) await takeBack(await one.engine(), victim, from, to, find);
      return 'gone';
    },

    async heldPeriods(victim) {
      const before = await inGroup(victim, countsOf);
      await clock.sleep(WATCHED_MS);
      const after = await inGroup(victim, countsOf);
      return before === null || after === null ? null : after.heldPeriods - before.heldPeriods;
    },
  };
}

function change(group: CpuGroup, from: CpuLimit, to: CpuLimit): 'set' | 'foreign' {
  const now = limitOf(group);
  if (isSameLimit(now, to)) return 'set';
  if (!isBetween(now, from, to)) return 'foreign';
  setLimit(group, now, to);
  return 'set';
}

/** A lower limit that reached a run which it was not meant for. */
async function takeBack(
  engine: Engine,
  victim: ContainerVictim,
  from: CpuLimit,
  to: CpuLimit,
  find: Find,
): Promise<void> {
  const container = await inspect(engine, victim.container);
  const group = container?.isRunning === true ? find(victim, container) : null;
  if (group !== null) change(group, to, from);
}

function groupHere(victim: ContainerVictim, container: Container): CpuGroup | null {
  const found = hostProcessOf(victim, container);
  if (found.kind === 'gone') return null;
  if (found.kind === 'elsewhere') throw refused(victim, found.got);
  const group = cpuGroupOf(found.process.pid, victim.container);
  if (group === undefined) throw refused(victim, 'no control group of its own that limits its CPU');
  const why = whyNoLimitIn(group);
  if (why !== null) throw refused(victim, why);
  return group;
}

const refused = (victim: ContainerVictim, got: string): GauntletError =>
  new GauntletError('refused', [
    { subject: describeVictim(victim), expected: 'a CPU limit that can be set', got, next: FIX },
  ]);
