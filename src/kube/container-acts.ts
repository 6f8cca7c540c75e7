/** Signals from inside a container, to exactly the run that was chosen. */
import { GauntletError } from '../core/errors.ts';
import type { ContainerActs } from '../core/platform.ts';
import type { PodVictim } from '../core/topology.ts';
import { ApiError } from './api-error.ts';
import type { KubeApi } from './client.ts';
import type { Exec } from './exec.ts';
import { podsPath } from './pod-list.ts';
import type { PodLives } from './pod-lives.ts';
import { type PodJson, podRecord } from './pod-record.ts';
import { readOutcome, signalCommand } from './signal-script.ts';

export function containerActs(
  client: KubeApi,
  exec: Exec,
  lives: (service: string) => PodLives,
): ContainerActs {
  return {
    async signal(victim, signal, process) {
      if (!('uid' in victim) || victim.run === undefined) return 'gone';
      // The watch stands before the act: whatever follows is seen.
      await lives(victim.service).start();
      if (!(await isThere(client, victim))) return 'gone';
      const { namespace, instance: pod, run } = victim;
      const command = signalCommand(signal, process);
      const ended = await exec({ namespace, pod, container: run.container, command });
      const outcome = readOutcome(ended, signal);
      if (outcome.kind !== 'refused') return 'sent';
      const { expected, got, next } = outcome;
      const subject = `${signal} in container ${run.container} of pod ${pod}`;
      throw new GauntletError('refused', [{ subject, expected, got, next }]);
    },
    lives: async (service, container) => await lives(service).readRuns(container),
  };
}

/**
 * An exec knows names only. Right before it the pod must still be the same one, with the same run of the container; what
 * takes its place within the milliseconds between would have to be scheduled, started and reached in that time.
 */
async function isThere(client: KubeApi, { namespace, instance, uid, run }: PodVictim): Promise<boolean> {
  const path = `${podsPath(namespace)}/${encodeURIComponent(instance)}`;
  try {
    const { body } = await client.ask<PodJson>({
      method: 'GET',
      path,
      what: `get pod ${instance} in ${namespace}`,
    });
    const now = podRecord(body);
    return now.uid === uid && now.inside.containers.some((one) => one.id === run?.id);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}
