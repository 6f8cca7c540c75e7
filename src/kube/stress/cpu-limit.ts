/**
 * The CPU limit of a container, which everything in its cgroup shares: without one, spinners would take CPUs
 * of the whole node.
 */

import type { PodSelector } from '../../core/acts/kubernetes-handle.ts';
import { GauntletError, type Problem } from '../../core/errors.ts';
import { describeVictim, type PodVictim } from '../../core/topology.ts';
import type { KubeApi } from '../client/client.ts';
import { listAll, podsPath } from '../client/list.ts';
import type { PodJson } from '../pods/pod-record.ts';

export type LimitedPodJson = Omit<PodJson, 'spec'> & {
  readonly spec?: {
    readonly containers?: readonly {
      readonly name?: string;
      readonly resources?: { readonly limits?: { readonly cpu?: string } };
    }[];
  };
};

/** In CPUs; null for text that is not a quantity of them. `500m`, `2`, `0.5`. */
export function parseCpus(text: string | undefined): number | null {
  const [, digits, milli] = /^(\d+(?:\.\d+)?)(m?)$/.exec(text ?? '') ?? [];
  const value = Number(digits) / (milli === 'm' ? 1000 : 1);
  return digits === undefined || value <= 0 ? null : value;
}

/**
 * In their order, by a list: only the fault itself may read single pods.
 * @throws refused when a container has none; a container of a deleted pod has none either.
 */
export async function limitsOf(
  client: KubeApi,
  services: Readonly<Record<string, PodSelector>>,
  victims: readonly PodVictim[],
): Promise<readonly number[]> {
  const names = [...new Set(victims.map((one) => one.service))];
  const lists = await Promise.all(
    names.map(async (service) => {
      const { namespace, selector } = services[service] ?? { namespace: '', selector: '' };
      const request = { path: podsPath(namespace), what: `list pods in ${namespace}`, selector };
      return (await listAll<LimitedPodJson, LimitedPodJson>(client, request, (json) => json)).items;
    }),
  );
  const written = victims.map(
    ({ uid, run }) =>
      lists
        .flat()
        .find((pod) => pod.metadata?.uid === uid)
        ?.spec?.containers?.find((one) => one.name === run?.container)?.resources?.limits?.cpu,
  );
  const limits = written.map(parseCpus);
  const lacking = victims.filter((_, index) => limits[index] === null);
  if (lacking.length > 0) {
    throw new GauntletError(
      'refused',
      lacking.map((victim) => noLimit(victim, written[victims.indexOf(victim)])),
    );
  }
  return limits.map((limit) => limit ?? 0);
}

const noLimit = (victim: PodVictim, written: string | undefined): Problem => ({
  subject: `cpu-stress on ${describeVictim(victim)}`,
  expected: 'a CPU limit of the container (resources.limits.cpu), which its spinners share',
  got: written ?? 'none',
  next: 'Give the container a limit: without one the spinners would take CPUs from all pods of the node.',
});
