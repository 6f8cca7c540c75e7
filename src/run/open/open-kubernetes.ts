/**
 * An open target on Kubernetes: pods through its API server, probes and load through the addresses of the
 * target file. src/kube is loaded on demand: most runs use the sandbox.
 */
import { type ClusterRecovery, recoverClusterJournal } from '../../chaos/healing/recover-cluster-journal.ts';
import type { TargetFile } from '../../config/read-target.ts';
import { IN_CLUSTER, type KubernetesHandle } from '../../core/acts/kubernetes-handle.ts';
import type { Platform, PlatformHandle } from '../../core/acts/platform.ts';
import { GauntletError } from '../../core/errors.ts';
import { replicaBounds } from '../../core/system.ts';
import { kafkasOf, redisesOf, type Topology } from '../../core/topology.ts';
import { ms } from '../../core/units.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import type { KubePlatform } from '../../kube/kube-platform.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import type { Places } from '../../system/places.ts';
import { resolveTopology } from '../../targets/resolve-topology.ts';
import { removalTimeout } from '../plan/fault-times.ts';
import type { OpenTarget } from './opened.ts';
import { withStores } from './stores.ts';

const USUAL_MS = ms(30_000);

/** The settings of the target file, with the caller's kubeconfig where it names none. */
function handleOf(target: TargetFile, places: Places): KubernetesHandle {
  const kubeconfig = target.kubernetes?.kubeconfig ?? places.kubeconfig;
  const { pod } = places;
  if (target.kubernetes && kubeconfig !== undefined)
    return {
      ...{ ...target.kubernetes, kubeconfig },
      ...(target.kubernetes.context === IN_CLUSTER && pod && { pod }),
    };
  const problem = { subject: `target ${target.name}`, expected: 'a kubernetes block', got: 'none' };
  throw new GauntletError('defect', [problem]);
}

/**
 * Reads the kubeconfig, and asks the cluster for its identity. @throws usage when the kubeconfig or its
 * context does not fit; refused when it is not the cluster that the target file names; ApiError,
 * ApiUnreachable.
 */
export async function kubernetesTopology(target: TargetFile, places: Places): Promise<Topology> {
  const handle = handleOf(target, places);
  const { openAccess } = await import('../../kube/client/cluster-access.ts');
  const { expectCluster } = await import('../../kube/client/cluster-identity.ts');
  const { identity } = await expectCluster(openAccess(handle), handle.cluster);
  return resolveTopology(target, identity);
}

/** How a target is opened for acting on it. */
export interface Acting {
  /** For the message to a second run: `inject kill-pod`. */
  readonly purpose: string;
  readonly signal: AbortSignal;
  /** Receives what dead runs of any machine had left there, once it is undone. */
  recovered?(outcome: ClusterRecovery): void;
  /** Receives every 10 s what the recovery still waits for. */
  tell?(text: string): void;
}

/**
 * @param acting null = only reads. Otherwise the lock in the cluster is taken, what dead runs left there is
 * undone, and the clocks are compared (up to 4 s).
 * @throws refused when another run, from any machine, acts on one of its namespaces.
 */
export async function openKubernetesTarget(
  target: TargetFile,
  places: Places,
  acting: Acting | null,
): Promise<OpenTarget> {
  if (acting === null) {
    const { opened, platform, topology, namespaces } = await openCluster(target, places, undefined);
    const holders = async (): Promise<readonly string[]> => await holdersIn(opened.client, namespaces);
    return { platform, probeTopology: topology, timers: {}, holders, close: async () => opened.close?.() };
  }
  const { platform, client, lost, close } = await lockKubernetesTarget(target, places, acting);
  try {
    const left = await recoverLeft(platform, acting);
    acting.recovered?.(left);
    return { platform, probeTopology: platform.topology, timers: await clockTimers(client), lost, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Reads only: whether a holder is alive is not known without watching it. */
async function holdersIn(client: KubeClient, namespaces: readonly string[]): Promise<readonly string[]> {
  const { leaseHolder } = await import('../../kube/guard/cluster-lock.ts');
  const found = await Promise.all(namespaces.map((namespace) => leaseHolder(client, namespace)));
  return [...new Set(found.filter((one) => one !== ''))];
}

export interface LockedTarget {
  readonly platform: Platform;
  readonly client: KubeClient;
  readonly lost: AbortSignal;
  close(): Promise<void>;
}

/** Only the lock. @throws refused when another run, from any machine, acts on one of its namespaces. */
export async function lockKubernetesTarget(
  target: TargetFile,
  places: Places,
  { purpose, signal }: Acting,
): Promise<LockedTarget> {
  const { lockCluster, lockHolder } = await import('../../kube/guard/cluster-lock.ts');
  const holder = lockHolder(purpose);
  const { opened, platform, namespaces } = await openCluster(target, places, holder);
  const { client } = opened;
  try {
    const lock = await lockCluster(client, namespaces, holder, signal).catch((error: unknown) =>
      allMissing(opened, error),
    );
    const close = async (): Promise<void> => {
      // What cannot be released now expires by itself, and must not hide how the run ended.
      await lock.release().catch(() => undefined);
      opened.close?.();
    };
    return { platform, client, lost: lock.lost, close };
  } catch (error) {
    opened.close?.();
    throw error;
  }
}

/**
 * For the holder of the lock.
 * @throws refused for journals of another cluster and for missing permissions; ApiError.
 */
export async function recoverLeft(
  platform: Platform,
  { signal, tell }: Pick<Acting, 'signal' | 'tell'>,
): Promise<ClusterRecovery> {
  // As long as a pod may take to recover: with less, a recovery in progress would be called residue.
  const removalTimeoutMs = removalTimeout('kubernetes', USUAL_MS);
  const request = { platform, clock: monotonicClock, removalTimeoutMs, signal, ...(tell && { tell }) };
  return await recoverClusterJournal(request).catch((error: unknown) => allMissing(platform, error));
}

async function openCluster(
  target: TargetFile,
  places: Places,
  holder: string | undefined,
): Promise<{
  readonly opened: KubePlatform;
  readonly platform: Platform;
  readonly topology: Topology;
  readonly namespaces: readonly string[];
}> {
  const topology = await kubernetesTopology(target, places);
  const kafkas = kafkasOf(topology);
  const { namespacesOf, openKubePlatform } = await import('../../kube/kube-platform.ts');
  const given = handleOf(target, places);
  const kubernetes = {
    ...given,
    services: { ...given.services, ...(await othersOf(target, given, topology.identity)) },
    redisByService: redisesOf(topology),
    ...(Object.keys(kafkas).length > 0 && { kafkaByService: kafkas }),
    ...(holder !== undefined && { holder }),
  };
  const handle: PlatformHandle = { platform: 'kubernetes', identity: topology.identity, kubernetes };
  const opened = openKubePlatform(handle, topology);
  const platform = { ...withStores(opened, topology), replicas: replicaBounds(target.system) };
  return { opened, platform, topology, namespaces: namespacesOf(kubernetes) };
}

/** What the system calls `*`, as it runs there now. */
async function othersOf(
  { system: { others } }: TargetFile,
  handle: KubernetesHandle,
  identity: string,
): Promise<KubernetesHandle['services']> {
  if (others === null) return {};
  const { accessTo } = await import('../../kube/client/cluster-identity.ts');
  const { openAccess } = await import('../../kube/client/cluster-access.ts');
  const { KubeClient } = await import('../../kube/client/client.ts');
  const { otherServices } = await import('../../kube/other-services.ts');
  const client = new KubeClient(accessTo(openAccess(handle), identity));
  try {
    return await otherServices(client, others.kubernetes, handle.services);
  } finally {
    client.close();
  }
}

/** Reports all missing permissions, not only the first. */
async function allMissing(platform: Platform, error: unknown): Promise<never> {
  const { ApiError } = await import('../../kube/client/api-error.ts');
  if (!(error instanceof ApiError) || error.status !== 403) throw error;
  const { isAct, linksBy, usualActs } = await import('../../kube/guard/permissions.ts');
  const { kubernetes } = platform.handle;
  const acts = usualActs(kubernetes && linksBy(kubernetes)).filter(isAct);
  const missing = (await platform.guard?.refusals([], acts)) ?? [];
  throw missing.length === 0 ? error : new GauntletError('refused', missing, { cause: error });
}

async function clockTimers(client: KubeClient): Promise<Readonly<Record<string, string>>> {
  const { measureClock, sayOffset } = await import('../../kube/client/clock-offset.ts');
  const what = 'read the version';
  const offset = await measureClock(
    () => client.ask({ method: 'GET', path: '/version', what }),
    monotonicClock,
  );
  const said = offset === null ? 'not measured: it sends no Date or was stepped' : sayOffset(offset);
  return { 'clock of the API server': said };
}
