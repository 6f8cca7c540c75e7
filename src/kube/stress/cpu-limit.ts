/** The CPU limit of a container, which everything in its control group shares: without one, spinners would take the node. */
import { GauntletError } from '../../core/errors.ts';
import { describeVictim, type PodVictim } from '../../core/topology.ts';
import type { KubeApi } from '../client.ts';
import { podsPath } from '../pod-list.ts';
import type { PodJson } from '../pod-record.ts';

export type LimitedPodJson = Omit<PodJson, 'spec'> & {
  readonly spec?: {
    readonly containers?: readonly {
      readonly name?: string;
      readonly resources?: { readonly limits?: { readonly cpu?: string } };
    }[];
  };
};

/** In CPUs; null for what is no quantity of them. `500m`, `2`, `0.5`. */
export function parseCpus(text: string | undefined): number | null {
  const [, digits, milli] = /^(\d+(?:\.\d+)?)(m?)$/.exec(text ?? '') ?? [];
  const value = Number(digits) / (milli === 'm' ? 1000 : 1);
  return digits === undefined || value <= 0 ? null : value;
}

/** @throws refused when its container has none. */
export async function limitOf(client: KubeApi, victim: PodVictim): Promise<number> {
  const { namespace, instance, run } = victim;
  const { body } = await client.ask<LimitedPodJson>({
    method: 'GET',
    path: `${podsPath(namespace)}/${encodeURIComponent(instance)}`,
    what: `get pod ${instance} in ${namespace}`,
  });
  const container = body.spec?.containers?.find((one) => one.name === run?.container);
  const written = container?.resources?.limits?.cpu;
  const limit = parseCpus(written);
  if (limit !== null) return limit;
  throw new GauntletError('refused', [
    {
      subject: `cpu-stress on ${describeVictim(victim)}`,
      expected: 'a CPU limit of the container (resources.limits.cpu), which its spinners share',
      got: written ?? 'none',
      next: 'Give the container a limit: without one the spinners would take the CPUs of the node from everybody on it.',
    },
  ]);
}
