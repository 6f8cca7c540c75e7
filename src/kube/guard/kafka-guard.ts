/**
 * Whether Gauntlet may change settings of the Kafka behind the addresses of a target file: its brokers must
 * be pods that the file names, and their owner must have opted in. The brokers themselves say where they are,
 * because an address in a file may lead anywhere.
 */
import type { PodSelector } from '../../core/acts/kubernetes-handle.ts';
import type { Problem } from '../../core/errors.ts';
import type { PodVictim } from '../../core/topology.ts';
import type { KubeApi } from '../client/client.ts';
import { listPods } from '../pods/pod-list.ts';
import { isOver, type PodRecord } from '../pods/pod-record.ts';

export interface KafkaAtPods {
  readonly problems: readonly Problem[];
  /** The guards of every pod apply to them as well. */
  readonly pods: readonly PodVictim[];
}

/** @param hosts that its brokers advertise: addresses of pods, or names whose first part is a pod. */
export async function kafkaAtPods(
  client: KubeApi,
  service: string,
  where: PodSelector | undefined,
  hosts: readonly string[],
): Promise<KafkaAtPods> {
  if (where === undefined) {
    const next = `Say where its pods are in the target file: services: { ${service}: { find: { kubernetes: { namespace, selector } } } }.`;
    const problem = { subject: service, expected: 'the pods that it is', got: 'no such service', next };
    return { problems: [problem], pods: [] };
  }
  const pods = (await listPods(client, where)).items.filter((one) => !isOver(one));
  const found = hosts.map((host) => pods.find((one) => isAt(one, host)));
  const strange = hosts.filter((_, index) => found[index] === undefined);
  if (strange.length > 0 || hosts.length === 0) {
    const known = pods.map((one) => one.name).join(', ') || 'there is none';
    const problem = {
      subject: `${service}.address of the target`,
      expected: `brokers that advertise pods "${where.selector}" in ${where.namespace} (${known})`,
      got: strange.join(', ') || 'none',
      next: 'Use a listener that is for clients inside the cluster.',
    };
    return { problems: [problem], pods: [] };
  }
  const victims = found.flatMap((one): readonly PodVictim[] =>
    one === undefined ? [] : [{ service, instance: one.name, namespace: one.namespace, uid: one.uid }],
  );
  return { problems: [], pods: victims };
}

const isAt = ({ name, addresses }: PodRecord, host: string): boolean =>
  addresses.includes(host) || host.split('.')[0] === name;
