/**
 * Brings all services up, each as soon as what it dials is ready. A program that listens on all addresses of
 * the machine is refused: it would answer in the place of the links, and of other sandboxes.
 */
import { formatAddress } from '../../../../src/core/address.ts';
import type { Clock } from '../../../../src/core/clock.ts';
import { GauntletError, type Problem } from '../../../../src/core/errors.ts';
import { brokerSocket, brokersIn } from '../../../../src/core/sandbox/addresses.ts';
import type { Layout, Socket } from '../../../../src/core/sandbox/layout.ts';
import { isCluster } from '../../../../src/core/sandbox/processes.ts';
import type { Service } from '../../../../src/core/system.ts';
import { ms } from '../../../../src/core/units.ts';
import type { Launch } from '../../../../src/system/processes/launch.ts';
import { lastLines } from '../log-tail.ts';
import { firstReady } from './first-ready.ts';
import type { Instance, InstanceSpec } from './instance.ts';
import { isWildcard } from './listening.ts';
import type { Before, ServicePlan } from './specs.ts';
import { type StartGroup, startGroups } from './start-order.ts';
import type { SupervisedInstances } from './supervised-instances.ts';
import { createTopics } from './topics.ts';

/** A program that ignores PORT would otherwise be waited for until the end of the time. */
const LOOK_EVERY_MS = ms(1000);
const LOG_LINES = 8;

export interface StarterDeps {
  readonly layout: Layout;
  readonly supervised: SupervisedInstances;
  readonly launch: Launch;
  readonly clock: Clock;
  readonly stopped: AbortSignal;
  readonly planOf: (service: Service) => ServicePlan;
  /** Where the processes of an instance listen. */
  readonly listening: (instance: string) => readonly Socket[];
  readonly progress: (text: string) => void;
}

/** @throws unavailable with the reasons of the first group that does not come up. */
export async function startAll(deps: StarterDeps, proxy: InstanceSpec): Promise<void> {
  const { supervised, layout, stopped } = deps;
  const [first] = supervised.start([proxy]);
  const proxyReady = untilReady(deps, first ? [first] : []);
  const ready = new Map<string, Promise<void>>();
  for (const group of startGroups(layout.system)) {
    const programs = group.services.some(({ sandbox }) => sandbox?.kind === 'run');
    const before = [...(programs ? [proxyReady] : []), ...group.after.map((name) => ready.get(name))];
    const started = Promise.all(before).then(() => {
      stopped.throwIfAborted();
      return startGroup(deps, group);
    });
    for (const { name } of group.services) ready.set(name, started);
  }
  await Promise.all([proxyReady, ...ready.values()]);
}

async function startGroup(deps: StarterDeps, { services }: StartGroup): Promise<void> {
  const plans = services.map(deps.planOf);
  for (const one of plans.flatMap(({ before }) => before)) await runBefore(deps, one);
  const instances = deps.supervised.start(plans.flatMap(({ specs }) => specs));
  await untilReady(deps, instances);
  for (const cluster of services.filter(isCluster)) await makeTopics(deps, cluster);
  deps.progress(`${services.map((one) => one.name).join(', ')} ready`);
}

async function makeTopics(
  { layout, clock, stopped, progress }: StarterDeps,
  { name }: Service,
): Promise<void> {
  const topics = layout.system.topics
    .filter((one) => one.service === name)
    .map((one) => ({ name: one.name, partitions: 1 }));
  const brokers = brokersIn(layout, name).map((one) => ({
    nodeId: one.broker.id,
    ...brokerSocket(layout, one),
  }));
  if (topics.length === 0) return;
  await createTopics({ brokers, topics, clock, stopped });
  progress(`${topics.length} topics exist on ${name}`);
}

async function runBefore({ launch }: StarterDeps, { service, argv, cwd, log }: Before): Promise<void> {
  const { ended } = await launch({ argv, cwd, log });
  const how = await ended;
  if (how === 'exit 0') return;
  const lines = lastLines(log, LOG_LINES);
  const next = lines.length === 0 ? 'Its log is empty.' : `Its log ends:\n  ${lines.join('\n  ')}`;
  const subject = `${service}: what runs once before it`;
  throw new GauntletError('unavailable', [{ subject, expected: 'exit 0', got: how, next }]);
}

async function untilReady(deps: StarterDeps, instances: readonly Instance[]): Promise<void> {
  const over = new AbortController();
  const stopped = AbortSignal.any([deps.stopped, over.signal]);
  const looking = (async () => {
    for (;;) {
      await deps.clock.sleep(LOOK_EVERY_MS, stopped);
      refuseWildcards(deps, instances);
    }
  })();
  looking.catch(() => undefined);
  try {
    const ready = firstReady(instances, (listener) => deps.supervised.onChange(listener), stopped);
    await Promise.race([ready, looking]);
    refuseWildcards(deps, instances);
  } finally {
    over.abort(new Error('over'));
  }
}

function refuseWildcards({ listening }: StarterDeps, instances: readonly Instance[]): void {
  const problems = instances.flatMap(({ spec }): readonly Problem[] => {
    if (spec.mustListen === undefined) return [];
    return listening(spec.instance)
      .filter(isWildcard)
      .map((socket) => wildcardProblem(spec, socket));
  });
  if (problems.length > 0) throw new GauntletError('unavailable', problems);
}

function wildcardProblem({ instance, mustListen = [] }: InstanceSpec, socket: Socket): Problem {
  const wanted = mustListen.map(formatAddress).join(' and ');
  return {
    subject: instance,
    expected: wanted === '' ? 'to listen on the address in HOST' : `to listen on ${wanted} only`,
    got: `a listener on ${formatAddress(socket)}, which is every address of this machine`,
    next: 'Let the program listen on the address in HOST and the port in PORT; sandbox: { env } gives it other variables.',
  };
}
