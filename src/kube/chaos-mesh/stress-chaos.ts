/**
 * The StressChaos objects of Gauntlet: one for each container, whose spinners Chaos Mesh starts in its
 * control group. Pure.
 */
import type { PodStress } from '../../core/acts/pod-stress-acts.ts';
import type { PodVictim } from '../../core/topology.ts';
import { durationOf, GROUP, IMPAIRMENT_LABEL, nameOf } from './network-chaos.ts';

export function stressChaos({ id, workers, holdMs }: PodStress, index: number, victim: PodVictim): object {
  const { namespace, instance, run } = victim;
  return {
    apiVersion: `${GROUP}/v1alpha1`,
    kind: 'StressChaos',
    metadata: { name: nameOf(id, index), namespace, labels: { [IMPAIRMENT_LABEL]: id } },
    spec: {
      mode: 'all',
      selector: { pods: { [namespace]: [instance] } },
      containerNames: [run?.container],
      stressors: { cpu: { workers, load: 100 } },
      duration: durationOf(holdMs),
    },
  };
}
