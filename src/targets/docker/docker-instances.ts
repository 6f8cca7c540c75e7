/** The acts on instances that are containers of a Docker engine. */
import type { DockerHandle } from '../../core/acts/docker-handle.ts';
import type { InstanceActs, InstanceState } from '../../core/acts/instance-acts.ts';
import type { Clock } from '../../core/clock.ts';
import { GauntletError } from '../../core/errors.ts';
import {
  type ContainerVictim,
  describeVictim,
  isContainer,
  type ProcessVictim,
  type Victim,
} from '../../core/topology.ts';
import { startRestarter } from '../processes/restarter.ts';
import { ContainerLives } from './container-lives.ts';
import { successorOf } from './container-successors.ts';
import { type Container, containersOf, inspect, isThisRun, labelsOf, victimIn } from './containers.ts';
import { hostProcessOf } from './host-process.ts';
import type { OneEngine } from './one-engine.ts';
import { serviceOf } from './service-of.ts';

export interface DockerInstances extends InstanceActs {
  /**
   * The main process of a run. From here on its end is seen, and what starts it again waits for it: also when
   * this process is lost. Null: the run has ended. @throws refused where that process is out of reach.
   */
  beforeEnd(victim: ContainerVictim): Promise<ProcessVictim | null>;
  close(): void;
}

/** @param isReady whether a service gives a good answer now. */
export function dockerInstances(
  { services }: Pick<DockerHandle, 'services'>,
  one: OneEngine,
  clock: Clock,
  isReady: (service: string) => Promise<boolean>,
): DockerInstances {
  const watches = new Map<string, ContainerLives>();
  const watch = (service: string): ContainerLives => {
    const found = watches.get(service) ?? new ContainerLives(livesWorld(service));
    watches.set(service, found);
    return found;
  };
  const livesWorld = (service: string) => {
    const where = serviceOf(services, service);
    const filters = encodeURIComponent(JSON.stringify({ type: ['container'], label: labelsOf(where) }));
    return {
      clock,
      list: async () => await containersOf(await one.engine(), where),
      victimOf: (container: Container) => victimIn(service, container),
      follow: async (signal: AbortSignal, see: (event: unknown) => void) =>
        await (await one.engine()).follow(`/events?filters=${filters}`, signal, see),
      isReady: () => isReady(service),
    };
  };
  const stateIn = async (service: string): Promise<readonly InstanceState[]> => {
    const found = await containersOf(await one.engine(), serviceOf(services, service));
    const running = found.filter((each) => each.isRunning);
    const isAsked = running.some((each) => each.isHealthy === null && !each.isPaused);
    const answers = isAsked && (await isReady(service));
    return running.map((each) => ({
      ...victimIn(service, each),
      ready: !each.isPaused && (each.isHealthy ?? answers),
      restarts: each.restarts,
      stopped: each.isPaused,
    }));
  };
  const beforeEnd = async (victim: ContainerVictim): Promise<ProcessVictim | null> => {
    const engine = await one.engine();
    const container = await inspect(engine, victim.container);
    if (!isThisRun(container, victim)) return null;
    const found = hostProcessOf(victim, container);
    if (found.kind === 'gone') return null;
    if (found.kind === 'elsewhere') throw notHere(victim, found);
    await watch(victim.service).start();
    const { restart } = serviceOf(services, victim.service);
    if (container.policy.name === 'no' && typeof restart === 'object' && restart !== null)
      await startRestarter(found.process, restart.command);
    // Another run may have begun since; its process is another one.
    return isThisRun(await inspect(engine, victim.container), victim) ? found.process : null;
  };
  return {
    beforeEnd,
    async list(service) {
      const names = service === undefined ? Object.keys(services) : [service];
      return (await Promise.all(names.map(stateIn))).flat();
    },
    async signal(victim, signal) {
      if (!isContainer(victim)) return 'gone';
      const main = await beforeEnd(victim);
      return main === null ? 'gone' : sendTo(main, signal);
    },
    pausing: {
      stop: async (victim) => await freeze(one, victim, 'pause'),
      resume: async (victim) => await freeze(one, victim, 'unpause'),
    },
    async lives(service) {
      await watch(service).start();
      return await watch(service).read();
    },
    successors: {
      async of(victims, signal = 'SIGKILL') {
        const engine = await one.engine();
        const found = victims.map(async (victim) => {
          const container = isContainer(victim) ? await inspect(engine, victim.container) : null;
          return container === null
            ? ({ kind: 'none', why: 'it was removed' } as const)
            : successorOf(container, serviceOf(services, victim.service), signal);
        });
        return await Promise.all(found);
      },
    },
    close() {
      for (const each of watches.values()) each.stop();
    },
  };
}

/** `gone`: this run has ended, and with it what was done to it. */
async function freeze(one: OneEngine, victim: Victim, how: 'pause' | 'unpause'): Promise<'sent' | 'gone'> {
  if (!isContainer(victim)) return 'gone';
  const engine = await one.engine();
  const container = await inspect(engine, victim.container);
  if (!isThisRun(container, victim)) return 'gone';
  if (container.isPaused === (how === 'pause')) return 'sent';
  // 409: another party was faster, or the run has ended since; which of the two, the next look shows.
  const { status } = await engine.act('POST', `/containers/${victim.container}/${how}`, [204, 404, 409, 500]);
  if (status === 204) return 'sent';
  const now = await inspect(engine, victim.container);
  if (!isThisRun(now, victim)) return 'gone';
  if (now.isPaused === (how === 'pause')) return 'sent';
  const expected = `a container that the engine can ${how}`;
  const problem = { subject: describeVictim(victim), expected, got: `status ${status}` };
  throw new GauntletError('unavailable', [problem]);
}

function sendTo({ pid }: { readonly pid: number }, signal: NodeJS.Signals): 'sent' | 'gone' {
  try {
    process.kill(pid, signal);
    return 'sent';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'gone';
    throw error;
  }
}

function notHere(
  victim: Victim,
  { got, next }: { readonly got: string; readonly next: string },
): GauntletError {
  const subject = describeVictim(victim);
  return new GauntletError('refused', [{ subject, expected: 'a process that can be signalled', got, next }]);
}
