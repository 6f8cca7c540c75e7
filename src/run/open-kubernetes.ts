/**
 * A target on Kubernetes, opened: pods through its API server, probes and load through the addresses of the target file.
 * src/kube is loaded only when it is needed: most runs are on the sandbox.
 */
import { GauntletError } from '../core/errors.ts';
import type { KubernetesHandle, Platform, PlatformHandle } from '../core/platform.ts';
import type { Topology } from '../core/topology.ts';
import { monotonicClock } from '../system/monotonic-clock.ts';
import type { Places } from '../system/places.ts';
import { openKafkaActs } from '../targets/kafka/kafka-acts.ts';
import { resolveTopology } from '../targets/resolve-topology.ts';
import type { TargetFile } from '../targets/target-file.ts';
import type { OpenTarget } from './opened.ts';

/** What the target file says, with the caller's kubeconfig where it names none. */
function handleOf(target: TargetFile, places: Places): KubernetesHandle {
  const kubeconfig = target.kubernetes?.kubeconfig ?? places.kubeconfig;
  if (target.kubernetes && kubeconfig !== undefined) return { ...target.kubernetes, kubeconfig };
  const problem = { subject: `target ${target.name}`, expected: 'a kubernetes block', got: 'none' };
  throw new GauntletError('defect', [problem]);
}

/** Only the kubeconfig is read. @throws usage when it or its context does not fit. */
export async function kubernetesTopology(target: TargetFile, places: Places): Promise<Topology> {
  const { kubeconfig, context } = handleOf(target, places);
  const { clusterIdentity, openKubeconfig } = await import('../kube/kubeconfig.ts');
  return resolveTopology(target, clusterIdentity(openKubeconfig(kubeconfig, context)));
}

/** How a target is opened that somebody will act on. */
export interface Acting {
  /** For whoever comes second: `inject kill-pod`. */
  readonly purpose: string;
  readonly signal: AbortSignal;
}

/**
 * @param acting null = only looks. Else the lock in the cluster is taken and the clocks are compared (up to 4 s).
 * @throws refused when another run, from whatever machine, acts on one of its namespaces.
 */
export async function openKubernetesTarget(
  target: TargetFile,
  places: Places,
  acting: Acting | null,
): Promise<OpenTarget> {
  const topology = await kubernetesTopology(target, places);
  const { lockCluster, lockHolder } = await import('../kube/cluster-lock.ts');
  const { namespacesOf, openKubePlatform } = await import('../kube/kube-platform.ts');
  const holder = acting === null ? {} : { holder: lockHolder(acting.purpose) };
  const kubernetes = { ...handleOf(target, places), ...holder };
  const handle: PlatformHandle = { platform: 'kubernetes', identity: topology.identity, kubernetes };
  const opened = openKubePlatform(handle, topology);
  const { kafka } = topology;
  // The guards of quorum and in-sync replicas ask Kafka itself, through the addresses of the target file.
  const platform = kafka ? { ...opened, kafka: openKafkaActs(kafka.brokers) } : opened;
  if (acting === null) {
    return { platform, probeTopology: topology, timers: {}, close: async () => opened.close?.() };
  }
  try {
    const lock = await lockCluster(
      opened.client,
      namespacesOf(kubernetes),
      lockHolder(acting.purpose),
      acting.signal,
    ).catch((error: unknown) => allMissing(opened, error));
    const close = async (): Promise<void> => {
      // What cannot be released now runs out by itself, and must not hide how the run ended.
      await lock.release().catch(() => undefined);
      opened.close?.();
    };
    try {
      const timers = await clockTimers(opened.client);
      return { platform, probeTopology: topology, timers, lost: lock.lost, close };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    opened.close?.();
    throw error;
  }
}

/** Somebody without rights is told all of those that are missing, not only the first. */
async function allMissing(platform: Platform, error: unknown): Promise<never> {
  const { ApiError } = await import('../kube/api-error.ts');
  if (!(error instanceof ApiError) || error.status !== 403) throw error;
  const { needsWith } = await import('../kube/permissions.ts');
  const acts = Object.keys(needsWith(platform.handle.kubernetes?.chaosMesh && 'chaos-mesh'));
  const missing = (await platform.guard?.refusals([], acts)) ?? [];
  throw missing.length === 0 ? error : new GauntletError('refused', missing, { cause: error });
}

async function clockTimers(
  client: import('../kube/client.ts').KubeClient,
): Promise<Readonly<Record<string, string>>> {
  const { measureClock, sayOffset } = await import('../kube/clock-offset.ts');
  const what = 'read the version';
  const offset = await measureClock(
    () => client.ask({ method: 'GET', path: '/version', what }),
    monotonicClock,
  );
  const said = offset === null ? 'not measured: it sends no Date or was stepped' : sayOffset(offset);
  return { 'clock of the API server': said };
}
