/** The acts on instances that are processes of this machine. */
import type { InstanceActs, InstanceState } from '../../core/acts/instance-acts.ts';
import type { ProcessesHandle, ProcessService } from '../../core/acts/processes-handle.ts';
import type { Successor } from '../../core/acts/successors.ts';
import type { Clock } from '../../core/clock.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError } from '../../core/errors.ts';
import { own } from '../../core/own.ts';
import { isProcess, type ProcessVictim, type Victim } from '../../core/topology.ts';
import { isAlive, isStopped } from '../../system/proc.ts';
import { ProcessWatch } from '../../system/processes/process-watch.ts';
import { startedAt } from '../../system/processes/start-time.ts';
import { ProcessLives, type ProcessWorld } from './process-lives.ts';
import { startRestarter } from './restarter.ts';
import { isThisBoot } from './this-boot.ts';

export interface ProcessInstances extends InstanceActs {
  /** From here on its end is seen, and what starts it again waits for it: also when this process is lost. */
  beforeEnd(victim: ProcessVictim): Promise<void>;
  close(): void;
}

/** @param isReady whether a service gives a good answer now. */
export function processInstances(
  { boot, services }: ProcessesHandle,
  clock: Clock,
  isReady: (service: string) => Promise<boolean>,
): ProcessInstances {
  const isHere = isThisBoot(boot);
  const watches = new Map<string, ProcessLives>();
  const livesWorld = (service: string): ProcessWorld => {
    const running = new ProcessWatch(serviceOf(services, service));
    return {
      clock,
      find: () => (isHere ? running.look() : []),
      startedAt: (one) => startedAt(one.startTicks),
      isReady: () => isReady(service),
    };
  };
  const watch = (service: string): ProcessLives => {
    const found = watches.get(service) ?? new ProcessLives(service, livesWorld(service));
    watches.set(service, found);
    return found;
  };
  const list = async (service?: string): Promise<readonly InstanceState[]> => {
    const names = service === undefined ? Object.keys(services) : [service];
    const lists = names.map(async (name) => await statesOf(watch(name), () => isReady(name)));
    return (await Promise.all(lists)).flat();
  };
  const beforeEnd = async (victim: ProcessVictim): Promise<void> => {
    await watch(victim.service).start();
    const { restart } = serviceOf(services, victim.service);
    if (typeof restart === 'object' && restart !== null) await startRestarter(victim, restart.command);
  };
  return {
    list,
    beforeEnd,
    async signal(victim, signal) {
      if (!isProcess(victim) || !isHere) return 'gone';
      await beforeEnd(victim);
      return send(victim, signal);
    },
    pausing: {
      stop: async (victim) => (isHere ? send(victim, 'SIGSTOP') : 'gone'),
      resume: async (victim) => (isHere ? send(victim, 'SIGCONT') : 'gone'),
    },
    lives: (service) => watch(service).now(),
    successors: {
      of: async (victims) => victims.map(({ service }) => successorOf(serviceOf(services, service))),
    },
    close() {
      for (const one of watches.values()) one.stop();
    },
  };
}

async function statesOf(
  watch: ProcessLives,
  isReady: () => Promise<boolean>,
): Promise<readonly InstanceState[]> {
  await watch.start();
  const living = watch.lives().filter((one) => one.endedAt === null);
  if (living.length === 0) return [];
  const answers = await isReady();
  return living.flatMap((one): InstanceState[] => {
    if (!isProcess(one)) return [];
    const { service, instance, pid, startTicks } = one;
    const stopped = isStopped(pid, startTicks);
    const isThere = isAlive(pid, startTicks);
    const ready = isThere && !stopped && answers;
    return [{ service, instance, pid, startTicks, ready, stopped, restarts: watch.restarts }];
  });
}

/** Exactly this process: its successor may have the pid, and then has another start time. */
function send(victim: Victim, signal: NodeJS.Signals): 'sent' | 'gone' {
  if (!isProcess(victim)) return 'gone';
  const { pid, startTicks } = victim as ProcessVictim;
  if (!isAlive(pid, startTicks)) return 'gone';
  try {
    process.kill(pid, signal);
    return 'sent';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'gone';
    const got = 'a process of another user';
    const next = 'Run Gauntlet as the user of the services, or as root.';
    const expected = 'the right to signal it';
    throw new GauntletError('refused', [{ subject: `${victim.instance} (pid ${pid})`, expected, got, next }]);
  }
}

function successorOf({ restart }: ProcessService): Successor {
  if (restart === 'supervisor') return { kind: 'comes', by: 'its supervisor' };
  if (restart !== null) return { kind: 'comes', by: `the command ${restart.command}` };
  const fix = 'Say what starts it again in the target file: restart: supervisor, or restart: "the command".';
  return { kind: 'none', why: 'nothing is known to start it again', fix };
}

function serviceOf(services: ProcessesHandle['services'], name: string): ProcessService {
  const found = own(services, name);
  if (found !== undefined) return found;
  const known = Object.keys(services);
  const expected = `one of ${known.join(', ')}`;
  const problem = { subject: 'service', expected, got: JSON.stringify(name), ...didYouMean(name, known) };
  throw new GauntletError('usage', [problem]);
}
