/** Signals from inside a container, to exactly the chosen run. */

import type { ContainerActs } from '../../core/acts/instance-acts.ts';
import { GauntletError } from '../../core/errors.ts';
import type { PodVictim, Victim } from '../../core/topology.ts';
import { ApiError } from '../client/api-error.ts';
import type { KubeApi } from '../client/client.ts';
import type { Exec } from '../client/exec.ts';
import { podsPath } from '../client/list.ts';
import type { PodLives } from './pod-lives.ts';
import { type PodJson, podRecord } from './pod-record.ts';
import { readOutcome, signalCommand } from './signal-script.ts';

export function containerActs(
  client: KubeApi,
  exec: Exec,
  lives: (service: string) => PodLives,
): ContainerActs {
  const run = async (
    victim: Victim,
    signal: 'SIGKILL' | 'SIGTERM',
    process: string | null,
    mode: 'send' | 'look',
  ): Promise<'sent' | 'gone'> => {
    if (!('uid' in victim) || victim.run === undefined || !(await isThere(client, victim))) return 'gone';
    const { namespace, instance: pod } = victim;
    const { container } = victim.run;
    const command = signalCommand(signal, process, mode);
    const outcome = readOutcome(await exec({ namespace, pod, container, command }), signal);
    if (outcome.kind !== 'refused') return 'sent';
    const { expected, got, next } = outcome;
    const subject = `${signal} in container ${container} of pod ${pod}`;
    throw new GauntletError('refused', [{ subject, expected, got, next }]);
  };
  return {
    async signal(victim, signal, process) {
      // The watch starts before the act, so that every later event is seen.
      await lives(victim.service).start();
      return await run(victim, signal, process, 'send');
    },
    checkSignal: async (victim, signal, process) => void (await run(victim, signal, process, 'look')),
    lives: async (service, container) => await lives(service).readRuns(container),
  };
}

/**
 * An exec uses only names. Right before it the pod must still be the same, with the same run of the
 * container; a replacement within the milliseconds between would have to be scheduled, started and reached in
 * that time.
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
