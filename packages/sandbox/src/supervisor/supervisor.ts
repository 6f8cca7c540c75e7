/**
 * The life of one sandbox, from the claim of its name to its end. It acts as the kubelet of every part.
 * Whatever fails, every started process has ended and every file is removed before this returns.
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../../src/core/clock.ts';
import { GauntletError } from '../../../../src/core/errors.ts';
import { type Layout, planLayout } from '../../../../src/core/sandbox/layout.ts';
import { processOf, reachable, withProcesses } from '../../../../src/core/sandbox/processes.ts';
import { redisOf } from '../../../../src/core/topology.ts';
import { RedisController } from '../../../../src/protocols/redis/controller.ts';
import { type ControlHandler, callControl, serveControl } from '../../../../src/system/control-socket.ts';
import { writeWhole } from '../../../../src/system/durable-file.ts';
import { thisHolder } from '../../../../src/system/holder.ts';
import { gatedLaunch, type SpokenLaunch } from '../../../../src/system/processes/launch.ts';
import { removeLeftovers } from '../../../../src/system/sandbox/leftovers.ts';
import { markedProcesses, markOf } from '../../../../src/system/sandbox/marked.ts';
import { type SandboxPaths, type SandboxState, sandboxPaths } from '../../../../src/system/sandbox/state.ts';
import { CpuStressor } from '../../../../src/system/stress/cpu-stressor.ts';
import { MemoryStressor } from '../../../../src/system/stress/memory-stressor.ts';
import type { SupervisorConfig } from './config.ts';
import { supervisorControl } from './control.ts';
import { describeSandbox } from './describe.ts';
import { freePorts } from './free-ports.ts';
import type { Instance } from './instance.ts';
import { listeningSockets } from './listening.ts';
import { memoryControl } from './memory-control.ts';
import { ReadySet } from './ready-set.ts';
import { lost, type ReaperProcess, startReaper } from './reaper-process.ts';
import { redisControl } from './redis-control.ts';
import { planService, proxySpec } from './specs.ts';
import { startAll } from './starter.ts';
import { stressControl } from './stress-control.ts';
import { SupervisedInstances } from './supervised-instances.ts';
import { workloadsControl } from './workloads.ts';

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
  const { config, io, paths, reaper, supervised, launch } = site;
  const { system, name } = config;
  const stopped = io.stop.signal;
  const [controlSocket, proxySocket] = ['control.sock', 'proxy.sock'].map((one) =>
    join(site.socketFolder, one),
  ) as [string, string];
  const { subnet } = reaper;
  const layout = planLayout(system, subnet, await freePorts(system, subnet));
  const seats = { config, layout, paths, mark: markOf(name, thisHolder()) };
  const began = io.clock.now();
  const progress = (text: string): void =>
    io.progress(`${text} (${((io.clock.now() - began) / 1000).toFixed(1)} s)`);

  io.progress(`Starting ${system.name} and its links on 127.${subnet}.0.0/16: ${countedParts(layout)}`);
  const readySet = feedProxy(site, layout, proxySocket);
  const workloads = workloadsControl(seats, supervised, io.clock, stopped);
  const proxy = proxySpec(seats, proxySocket);
  await startAll(
    {
      ...{ layout, supervised, launch, stopped, progress, clock: io.clock },
      planOf: (service) => planService(seats, service),
      listening: (instance) => listeningSockets(markedProcesses(seats.mark, instance).map((one) => one.pid)),
    },
    proxy,
  );
  await readySet.settled();
  stopped.throwIfAborted();

  const supervisor = thisHolder();
  const identities = { supervisor, reaper: reaper.identity };
  const startedAt = new Date(io.clock.wall());
  const sockets = { controlSocket, proxySocket };
  const state = describeSandbox({ name, paths, layout, ...identities, ...sockets, startedAt });
  // Seats are taken and left while it runs.
  const instances = (): readonly Instance[] => supervised.instances.filter((one) => one.spec !== proxy);
  const down = (): void => io.stop.abort(new Error('asked to go down'));
  const redis = redisOf(state.probeTopology) === undefined ? none : redisControl(redisController(layout, io));
  const stress = stressControl(cpuStressor(site, instances));
  const memory = memoryControl(memoryStressor(site, instances));
  const control = supervisorControl({
    ...{ instances, state: () => state, down },
    ...{ redis, stress, memory, workloads },
  });
  await serveControl(controlSocket, control);
  writeWhole(paths.state, JSON.stringify(state, null, 2));
  progress('Everything is ready');
  io.ready(state);
}

const none: ControlHandler = async () => undefined;

/** `orders 2, bus 3`. */
const countedParts = ({ system, instances }: Layout): string =>
  withProcesses(system)
    .map(({ name }) => {
      const seats = instances.filter((one) => one.service === name || one.broker?.cluster === name);
      return `${name} ${seats.length}`;
    })
    .join(', ');

/** Of the first service that is Redis, as all of Gauntlet takes it. */
function redisController({ system, instances }: Layout, { clock, stop }: SupervisorIo): RedisController {
  const service = reachable(system).find(({ endpoints }) =>
    endpoints.some((one) => one.protocol === 'redis'),
  );
  const server = processOf(system, service?.name ?? '');
  const placed = instances.find((one) => one.service === server?.name);
  const { host = '', ports } = placed ?? {};
  return new RedisController({ host, port: ports?.redis ?? 0, clock, stopped: stop.signal });
}

function cpuStressor({ config, io, paths, launch }: Site, instances: () => readonly Instance[]): CpuStressor {
  return new CpuStressor({
    victims: () => instances().flatMap((one) => one.victim ?? []),
    launch,
    spinner: config.programs.spinner,
    log: join(paths.logs, 'spinner.log'),
    cwd: paths.folder,
    clock: io.clock,
    stopped: io.stop.signal,
  });
}

function memoryStressor(
  { config, io, paths, launch }: Site,
  instances: () => readonly Instance[],
): MemoryStressor {
  return new MemoryStressor({
    victims: () => instances().flatMap((one) => one.victim ?? []),
    launch,
    hog: config.programs.hog,
    log: join(paths.logs, 'hog.log'),
    cwd: paths.folder,
    // The cleanup of the sandbox removes those that are listed (sweep.ts).
    record: (group) => appendFileSync(paths.groups, `${group}\n`, { mode: 0o600, flush: true }),
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
    if (spec.service !== 'proxy') readySet.changed(spec.instance);
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
