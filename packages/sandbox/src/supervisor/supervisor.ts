/**
 * The life of one sandbox, from the claim of its name to its end. It acts as the kubelet of every part.
 * Whatever fails, every started process has ended and every file is removed before this returns.
 */
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../../src/core/clock.ts';
import { GauntletError } from '../../../../src/core/errors.ts';
import { RedisController } from '../../../../src/protocols/redis/controller.ts';
import { callControl, serveControl } from '../../../../src/system/control-socket.ts';
import { writeWhole } from '../../../../src/system/durable-file.ts';
import { thisHolder } from '../../../../src/system/holder.ts';
import { removeLeftovers } from '../../../../src/system/sandbox/leftovers.ts';
import { type SandboxPaths, type SandboxState, sandboxPaths } from '../../../../src/system/sandbox/state.ts';
import { TOPICS } from '../../../../systems/neural-hive-mind/stand-ins/src/topics.ts';
import { BROKER_IDS, brokerEndpoint, type Layout, planLayout } from '../layout.ts';
import type { SupervisorConfig } from './config.ts';
import { supervisorControl } from './control.ts';
import { CpuStressor } from './cpu-stressor.ts';
import { describeSandbox } from './describe.ts';
import { firstReady } from './first-ready.ts';
import { freePorts } from './free-ports.ts';
import type { Instance } from './instance.ts';
import { gatedLaunch, type SpokenLaunch } from './launch.ts';
import { memoryControl } from './memory-control.ts';
import { MemoryStressor } from './memory-stressor.ts';
import { planInstances } from './plan-instances.ts';
import { ReadySet } from './ready-set.ts';
import { lost, type ReaperProcess, startReaper } from './reaper-process.ts';
import { redisControl } from './redis-control.ts';
import { stressControl } from './stress-control.ts';
import { SupervisedInstances } from './supervised-instances.ts';
import { createTopics } from './topics.ts';

export interface SupervisorIo {
  readonly clock: Clock;
  readonly progress: (text: string) => void;
  readonly ready: (state: SandboxState) => void;
  /** Aborted from outside to take the sandbox down, and from inside when it cannot go on. */
  readonly stop: AbortController;
}

/**
 * A unix socket's path must be shorter than 108 bytes (unix(7)), and proxy.sock is the longest name in here.
 */
const SOCKET_FOLDER_MAX = 90;

/**
 * Resolves when the sandbox was stopped after it had been ready, and all its processes and files are removed.
 * @throws the reason why it could not start or continue, or the reason of a stop before it was ready.
 */
export async function supervise(config: SupervisorConfig, io: SupervisorIo): Promise<void> {
  const paths = sandboxPaths(config.root, config.name);
  const socketFolder = chooseSocketFolder(paths);
  const reaper = await startReaper({
    name: config.name,
    root: config.root,
    supervisor: thisHolder(),
    socketFolder,
  });
  void reaper.gone.then(() => io.stop.abort(lost()));
  const launch = gatedLaunch(reaper.register);
  const supervised = new SupervisedInstances({
    launch,
    clock: io.clock,
    broken: (error) => io.stop.abort(error),
  });
  try {
    await bringUp({ config, io, paths, socketFolder, reaper, supervised, launch });
    await aborted(io.stop.signal);
    const { reason } = io.stop.signal;
    if (reason instanceof GauntletError && reason.kind !== 'interrupted') throw reason;
  } finally {
    supervised.stop();
    await reaper.reap();
    // The folder exists only if the reaper was killed before it could remove it.
    removeLeftovers(config.name, paths);
  }
}

interface Site {
  readonly config: SupervisorConfig;
  readonly io: SupervisorIo;
  readonly paths: SandboxPaths;
  readonly socketFolder: string;
  readonly reaper: ReaperProcess;
  readonly supervised: SupervisedInstances;
  readonly launch: SpokenLaunch;
}

async function bringUp(site: Site): Promise<void> {
  const { config, io, paths, reaper, supervised } = site;
  const stopped = io.stop.signal;
  const [controlSocket, proxySocket] = ['control.sock', 'proxy.sock'].map((name) =>
    join(site.socketFolder, name),
  ) as [string, string];
  const { subnet } = reaper;
  const layout = planLayout(subnet, await freePorts(subnet));
  const plan = planInstances(config, layout, paths, proxySocket);
  const began = io.clock.now();
  const progress = (text: string): void =>
    io.progress(`${text} (${((io.clock.now() - began) / 1000).toFixed(1)} s)`);
  const untilReady = (): Promise<void> =>
    firstReady(supervised.instances, (listener) => supervised.onChange(listener), stopped);

  io.progress(`Starting Kafka (3 brokers), Redis and the link proxy on 127.${subnet}.0.0/16`);
  const readySet = feedProxy(site, layout, proxySocket);
  supervised.start([plan.proxy, ...plan.stores]);
  await untilReady();
  progress('Kafka and Redis are ready');
  supervised.start(plan.specialists);
  const brokers = BROKER_IDS.map((id) => ({ nodeId: id, ...brokerEndpoint(layout, id) }));
  await createTopics({ brokers, topics: TOPICS, clock: io.clock, stopped });
  progress(`${TOPICS.length} topics exist`);
  supervised.start(plan.services);
  await untilReady();
  await readySet.settled();
  stopped.throwIfAborted();

  const { name } = config;
  const supervisor = thisHolder();
  const identities = { supervisor, reaper: reaper.identity };
  const startedAt = new Date(io.clock.wall());
  const state = describeSandbox({
    name,
    paths,
    layout,
    ...identities,
    controlSocket,
    proxySocket,
    startedAt,
  });
  const instances = supervised.instances.filter((one) => one.spec !== plan.proxy);
  const down = (): void => io.stop.abort(new Error('asked to go down'));
  const redis = redisControl(redisController(layout, io));
  const stress = stressControl(cpuStressor(site, instances));
  const memory = memoryControl(memoryStressor(site, instances));
  const control = supervisorControl({ instances, state: () => state, down, redis, stress, memory });
  await serveControl(controlSocket, control);
  writeWhole(paths.state, JSON.stringify(state, null, 2));
  progress('Everything is ready');
  io.ready(state);
}

function redisController({ instances, ports }: Layout, { clock, stop }: SupervisorIo): RedisController {
  const host = instances.find((placed) => placed.service === 'redis')?.host ?? '';
  return new RedisController({ host, port: ports.redis, clock, stopped: stop.signal });
}

function cpuStressor({ config, io, paths, launch }: Site, instances: readonly Instance[]): CpuStressor {
  return new CpuStressor({
    victims: () => instances.flatMap((one) => one.victim ?? []),
    launch,
    spinner: config.programs.spinner,
    logs: paths.logs,
    cwd: paths.folder,
    clock: io.clock,
    stopped: io.stop.signal,
  });
}

function memoryStressor({ config, io, paths, launch }: Site, instances: readonly Instance[]): MemoryStressor {
  return new MemoryStressor({
    victims: () => instances.flatMap((one) => one.victim ?? []),
    launch,
    hog: config.programs.hog,
    logs: paths.logs,
    cwd: paths.folder,
    groups: paths.groups,
    clock: io.clock,
    stopped: io.stop.signal,
  });
}

/** Keeps the proxy's ready sets current from now on. */
function feedProxy({ supervised, io }: Site, layout: Layout, proxySocket: string): ReadySet {
  const readySet = new ReadySet({
    links: layout.links,
    isReady: (instance) => supervised.isReady(instance),
    push: (name, upstreams) =>
      callControl(proxySocket, 'PUT', '/links/upstreams', { body: { name, upstreams }, timeoutMs: 2000 }),
    clock: io.clock,
    stopped: io.stop.signal,
  });
  supervised.onChange(({ spec, ready }) => {
    if (spec.service !== 'proxy') readySet.changed(spec.service);
    else if (ready) readySet.changed();
  });
  return readySet;
}

function chooseSocketFolder(paths: SandboxPaths): string {
  const inside = join(paths.folder, 'sockets');
  if (inside.length <= SOCKET_FOLDER_MAX) return inside;
  const name = `gauntlet-${randomBytes(6).toString('hex')}`;
  const temporary = join(tmpdir(), name);
  return temporary.length <= SOCKET_FOLDER_MAX ? temporary : join('/tmp', name);
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
