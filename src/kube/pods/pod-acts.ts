/** Deletes a pod by its uid and never by its name alone: a successor of the same name is another pod. */
import { GauntletError } from '../../core/errors.ts';
import type { PodVictim } from '../../core/topology.ts';
import type { EpochMs, Ms } from '../../core/units.ts';
import { ApiError } from '../client/api-error.ts';
import type { KubeApi } from '../client/client.ts';
import { podsPath } from '../client/list.ts';

export interface Accepted {
  readonly outcome: 'sent' | 'gone';
  readonly sentAt: EpochMs;
  readonly answeredAt: EpochMs;
}

/**
 * @param graceMs null = the pod's own terminationGracePeriodSeconds. 0 removes it from the API at once; its
 * containers may run for up to 2 s more (the kubelet's shortest shutdown).
 * @throws ApiError, ApiUnreachable: never repeated, because the first request may have been executed.
 */
export async function deletePod(client: KubeApi, victim: PodVictim, graceMs: Ms | null): Promise<Accepted> {
  const { instance, namespace } = victim;
  return await accepted(client, {
    method: 'DELETE',
    path: `${podsPath(namespace)}/${encodeURIComponent(instance)}`,
    what: `delete pod ${instance} in ${namespace}`,
    body: { apiVersion: 'v1', kind: 'DeleteOptions', ...options(victim, graceMs) },
  });
}

/**
 * Deletes it only if its PodDisruptionBudget allows. @throws refused with the budget's own message when it
 * does not.
 */
export async function evictPod(client: KubeApi, victim: PodVictim, graceMs: Ms | null): Promise<Accepted> {
  const { instance: name, namespace } = victim;
  const what = `evict pod ${name} in ${namespace}`;
  try {
    return await accepted(client, {
      method: 'POST',
      path: `${podsPath(namespace)}/${encodeURIComponent(name)}/eviction`,
      what,
      body: {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name, namespace },
        deleteOptions: options(victim, graceMs),
      },
    });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 429) throw error;
    const why = error.answer.details?.causes?.map((one) => one.message).join('; ');
    const problem = {
      subject: what,
      expected: 'a disruption budget that allows it',
      got: `429 ${why ?? error.answer.message ?? 'Too Many Requests'}`,
      next: 'Wait until more replicas are ready, or delete instead of evicting (a deletion asks no budget).',
    };
    throw new GauntletError('refused', [problem], { cause: error });
  }
}

const options = (victim: PodVictim, graceMs: Ms | null): object => ({
  preconditions: { uid: victim.uid },
  ...(graceMs === null ? {} : { gracePeriodSeconds: Math.round(graceMs / 1000) }),
});

async function accepted(client: KubeApi, request: Parameters<KubeApi['ask']>[0]): Promise<Accepted> {
  try {
    const { sentAt, answeredAt } = await client.ask(request);
    return { outcome: 'sent', sentAt, answeredAt };
  } catch (error) {
    if (error instanceof ApiError && isGone(error)) {
      return { outcome: 'gone', sentAt: 0 as EpochMs, answeredAt: 0 as EpochMs };
    }
    throw error;
  }
}

/** 404: no pod with that name. 409 about the uid: there is one, but with another uid. */
const isGone = ({ status, answer }: ApiError): boolean =>
  status === 404 || (status === 409 && /UID in (the )?precondition/.test(answer.message ?? ''));
