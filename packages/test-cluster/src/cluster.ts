/**
 * A Kubernetes cluster for tests: up, down, status. Real etcd, API server, controllers and scheduler run as
 * plain processes on loopback (no root). `down` leaves no process and no file.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { GauntletError } from '../../../src/core/errors.ts';
import type { Places } from '../../../src/system/places.ts';
import { isAlive } from '../../../src/system/proc.ts';
import { alone } from '../../../src/system/toolchain/cache-folder.ts';
import { runCommand } from '../../../src/system/toolchain/command.ts';
import type { ToolContext } from '../../../src/system/toolchain/part.ts';
import { KWOK, MKUBE, requireGoTool } from './go-tool.ts';
import { type PlatformTools, requirePlatformTools } from './images/images.ts';
import {
  NODE_ADDRESS,
  type NodeParts,
  removeNodeGroups,
  requireNodeGround,
  requireNodeParts,
} from './node.ts';
import { partDied, startPart, stopPart } from './part-process.ts';
import {
  apiServerCommand,
  apiServerUrl,
  controllersCommand,
  etcdCommand,
  type PartsRequest,
  schedulerCommand,
} from './parts.ts';
import { postFixture, readFixture } from './platform/fixture.ts';
import { servicesLines } from './platform/usage.ts';
import { startNode } from './start-node.ts';
import {
  type ClusterKind,
  type ClusterProcess,
  type ClusterState,
  clusterFolder,
  livingParts,
  readClusterState,
  writeClusterState,
} from './state/cluster-state.ts';
import { addFakeNodes, kwokCommand } from './state/fake-nodes.ts';
import { freeLoopbackPorts, waitReady } from './wait-ready.ts';

export interface ClusterRequest {
  readonly name: string;
  readonly kind: ClusterKind;
  /** Runs the system under test as pods; kind `node` only. */
  readonly services?: boolean;
  /** The path of a file of objects that a new cluster begins with; kind `kwok` only. */
  readonly fixture?: string;
}

/** Measured on two busy cores: 2.1 to 3.8 s. */
const READY_MS = 60_000;

/**
 * The running cluster of that name; starts it (and builds its binary) when there is none.
 * @throws unavailable when it cannot be built or a part ends; every started part is stopped again. @throws
 * usage when it runs with less than the request asks for.
 */
export async function clusterUp(request: ClusterRequest, ctx: ToolContext): Promise<ClusterState> {
  const { kind, services = false, fixture } = request;
  if (fixture !== undefined && kind !== 'kwok') {
    const problem = { subject: 'fixture', expected: 'kind kwok, which runs any pod', got: `kind ${kind}` };
    throw new GauntletError('usage', [problem]);
  }
  if (fixture !== undefined) readFixture(fixture, 0);
  if (services && kind !== 'node') {
    const problem = { subject: 'services', expected: 'kind node, which has real pods', got: `kind ${kind}` };
    throw new GauntletError('usage', [problem]);
  }
  if (kind === 'node') requireNodeGround();
  return await alone(ctx, `cluster-${request.name}`, `starting cluster ${request.name}`, async () => {
    const running = readClusterState(ctx.places, request.name);
    if (running && livingParts(running).length === running.processes.length && running.processes.length > 0) {
      // A cluster with more than the request asks for is enough.
      const isEnough = running.kind === kind && (running.services !== null || !services);
      if (isEnough && fixture === undefined) return running;
      throw new GauntletError('usage', [
        {
          subject: `cluster ${request.name}`,
          expected: `${kindText(kind, services)}${fixture === undefined ? '' : ' and a fixture, which is new'}`,
          got: `${kindText(running.kind, running.services !== null)}, which is running`,
          next: `Take it down first (npm run cluster -- down --name ${request.name}) or use another --name.`,
        },
      ]);
    }
    const mkube = await requireGoTool(MKUBE, ctx);
    const kwok = kind === 'kwok' ? await requireGoTool(KWOK, ctx) : null;
    const node = kind === 'node' ? await requireNodeParts(ctx) : null;
    const platform = services ? await requirePlatformTools(ctx) : null;
    if (running) await takeDown(running);
    return await start(request, { mkube, kwok, node, platform }, ctx);
  });
}

const kindText = (kind: ClusterKind, services: boolean): string =>
  `kind ${kind}${services ? ' with services' : ''}`;

interface Binaries {
  readonly mkube: string;
  /** Null: without fake nodes. */
  readonly kwok: string | null;
  /** Null: without a real node. */
  readonly node: NodeParts | null;
  /** Null: without services. */
  readonly platform: PlatformTools | null;
}

async function start(
  { name, kind, fixture }: ClusterRequest,
  { mkube, kwok, node, platform }: Binaries,
  ctx: ToolContext,
): Promise<ClusterState> {
  const folder = clusterFolder(ctx.places, name);
  rmSync(folder, { recursive: true, force: true });
  const [api = 0, etcd = 0, etcdPeer = 0, controllers = 0, scheduler = 0] = await freeLoopbackPorts(5);
  const parts: PartsRequest = { mkube, folder, ports: { api, etcd, etcdPeer, controllers, scheduler } };
  const server = apiServerUrl(parts.ports);
  const state: ClusterState = {
    name,
    kind,
    folder,
    server,
    kubeconfig: join(folder, 'pki', 'admin.kubeconfig'),
    services: null,
    processes: [],
  };
  writeClusterState(state);
  const started: ClusterProcess[] = [];
  const launch = async (part: string, command: readonly string[]): Promise<void> => {
    started.push(await startPart(folder, part, command));
    writeClusterState({ ...state, processes: started });
  };
  const died = (): void => {
    const dead = started.find((one) => !isAlive(one.pid, one.startTicks));
    if (dead) throw partDied(folder, dead.part);
  };
  try {
    await makePki(mkube, folder, server, ctx);
    if (node !== null) {
      const ports = { api, etcd };
      const services = await startNode(
        { ...state, mkube, ports, node, services: platform, readyMs: READY_MS, launch, died },
        ctx,
      );
      const now = { ...state, services, processes: started };
      writeClusterState(now);
      return now;
    }
    await launch('etcd', etcdCommand(parts));
    await launch('apiserver', apiServerCommand(parts));
    await waitReady(folder, `${server}/readyz`, READY_MS, died);
    if (kind !== 'api') {
      await launch('controllers', controllersCommand(parts));
      await launch('scheduler', schedulerCommand(parts));
      // The last object that pods need and that a controller makes.
      await waitReady(folder, `${server}/api/v1/namespaces/default/serviceaccounts/default`, READY_MS, died);
    }
    if (kwok !== null) {
      await launch('kwok', kwokCommand(kwok, state.kubeconfig));
      await addFakeNodes(state.kubeconfig);
      died();
      if (fixture !== undefined) await postFixture(state.kubeconfig, fixture, { timeoutMs: READY_MS, died });
    }
  } catch (error) {
    await takeDown({ ...state, processes: started });
    throw error;
  }
  return { ...state, processes: started };
}

async function makePki(mkube: string, folder: string, server: string, ctx: ToolContext): Promise<void> {
  const made = await runCommand(mkube, ['pki', join(folder, 'pki'), server, NODE_ADDRESS], {
    env: ctx.env,
    timeoutMs: 30_000,
  });
  if (made.ok) return;
  const problem = { subject: 'test cluster: certificates', expected: 'to be made', got: made.why };
  throw new GauntletError('unavailable', [problem]);
}

/** False when there was none. It also removes the rest of a broken one. */
export async function clusterDown(name: string, ctx: ToolContext): Promise<boolean> {
  return await alone(ctx, `cluster-${name}`, `taking down cluster ${name}`, async () => {
    const state = readClusterState(ctx.places, name);
    if (!state) {
      // A start that died before it wrote its state file: no part was started, but the folder exists.
      rmSync(clusterFolder(ctx.places, name), { recursive: true, force: true });
      return false;
    }
    await takeDown(state);
    return true;
  });
}

/** Newest first: a controller without its API server would spend its last second on retries. */
async function takeDown(state: ClusterState): Promise<void> {
  for (const one of [...state.processes].reverse()) {
    // unshare ignores SIGTERM; its death ends every process in the namespace.
    await stopPart(one, one.part === 'node' ? 'SIGKILL' : 'SIGTERM');
  }
  if (state.kind === 'node') await removeNodeGroups(state.folder);
  rmSync(state.folder, { recursive: true, force: true });
}

/**
 * Ends one part and starts it again with the same command line, as an upgrade of the control plane does.
 */
export async function restartPart(state: ClusterState, part: string, downMs = 0): Promise<ClusterState> {
  const old = state.processes.find((one) => one.part === part);
  if (!old)
    throw new GauntletError('defect', [{ subject: part, expected: 'a part of the cluster', got: 'none' }]);
  await stopPart(old, 'SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, downMs));
  const next = await startPart(state.folder, part, old.command);
  const processes = state.processes.map((one) => (one.part === part ? next : one));
  const now = { ...state, processes };
  writeClusterState(now);
  await waitReady(state.folder, `${state.server}/readyz`, READY_MS, () => {
    if (!isAlive(next.pid, next.startTicks)) throw partDied(state.folder, part);
  });
  return now;
}

/** The running parts, as lines of text. */
export function clusterStatus(name: string, places: Places): readonly string[] {
  const state = readClusterState(places, name);
  if (!state) return [`cluster ${name}: not running`];
  const parts = state.processes.map(
    (one) => `  ${one.part} (pid ${one.pid}): ${isAlive(one.pid, one.startTicks) ? 'running' : 'ENDED'}`,
  );
  return [
    `cluster ${name} (${state.kind}): ${state.server}`,
    `  KUBECONFIG=${state.kubeconfig}`,
    ...parts,
    ...(state.services === null ? [] : servicesLines(state.services)),
  ];
}
