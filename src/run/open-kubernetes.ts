/** A target on Kubernetes, opened: pods through its API server, probes and load through the addresses of the target file. */
import { GauntletError } from '../core/errors.ts';
import type { KubernetesHandle, PlatformHandle } from '../core/platform.ts';
import type { Topology } from '../core/topology.ts';
import { monotonicClock } from '../system/monotonic-clock.ts';
import type { Places } from '../system/places.ts';
import { openKafkaActs } from '../targets/kafka/kafka-acts.ts';
import { resolveTopology } from '../targets/resolve-topology.ts';
import type { TargetFile } from '../targets/target-file.ts';
import type { OpenTarget } from './opened.ts';

/** Loaded only where it is needed: most runs are on the sandbox. */
const kube = () => import('../kube/kube-platform.ts');

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

/** @param measured whether the clocks are compared (up to 6 s): for whoever will print times of the cluster. */
export async function openKubernetesTarget(
  target: TargetFile,
  places: Places,
  measured: boolean,
): Promise<OpenTarget> {
  const topology = await kubernetesTopology(target, places);
  const handle: PlatformHandle = {
    platform: 'kubernetes',
    identity: topology.identity,
    kubernetes: handleOf(target, places),
  };
  const opened = (await kube()).openKubePlatform(handle, topology);
  const { kafka } = topology;
  // The guards of quorum and in-sync replicas ask Kafka itself, through the addresses of the target file.
  const platform = kafka ? { ...opened, kafka: openKafkaActs(kafka.brokers) } : opened;
  try {
    const timers = measured ? await clockTimers(platform.client) : {};
    return { platform, probeTopology: topology, timers, close: async () => platform.close?.() };
  } catch (error) {
    platform.close?.();
    throw error;
  }
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
