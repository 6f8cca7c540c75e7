/**
 * The timers that decide how long recovery after a kill takes, printed before it: per platform, because each
 * has its own.
 */
import type { InstanceState } from '../../../core/acts/instance-acts.ts';
import { isContainer } from '../../../core/topology.ts';
import { formatMs } from '../../../core/units.ts';
import { platformTimers, type World } from '../../world.ts';
import type { KillAct } from './kill-proof.ts';

export const killTimers = (
  chosen: readonly InstanceState[],
  act: Pick<KillAct, 'signal' | 'graceMs' | 'inside'>,
  world: World,
  /** False: the instance gets no successor. */
  hasSuccessor: boolean,
): readonly string[] => [
  ...successorTimers(chosen, act).slice(hasSuccessor ? 0 : 1),
  'Traffic returns when the successor passes its readiness probe, at the period of that probe.',
  ...platformTimers(world, /restart|back|ready|probe|start|clock/i),
];

function successorTimers(
  chosen: readonly InstanceState[],
  { signal, graceMs, inside }: Pick<KillAct, 'signal' | 'graceMs' | 'inside'>,
): readonly string[] {
  if (chosen.some(isContainer)) {
    const restarts = chosen.map((one) => `${one.instance}: ${one.restarts}`).join(', ');
    return [
      `By a restart policy the engine starts a container again after 0.1 s, doubled up to 1 min, until it has run for 10 s (restarted so far: ${restarts}).`,
    ];
  }
  if (!chosen.some((one) => 'uid' in one)) {
    const restarts = chosen.map((one) => String(one.restarts)).join(', ');
    return [
      `A supervisor restarts a process that ends, with a back-off (victims restarted so far: ${restarts}).`,
    ];
  }
  if (inside) {
    const times = chosen.map((one) => {
      const found = one.inside?.containers.find((each) => each.name === inside.container);
      return `${one.instance}: ${found?.restarts ?? 0}`;
    });
    return [
      `The kubelet starts the container again in the same pod: at once, then after 10 s, doubled up to 5 min, until it has run for 10 min (restarted so far: ${times.join(', ')}).`,
      'The kubelet reports the end of a container up to 1.5 s later, truncated to the second.',
    ];
  }
  const owner =
    'The owner of the pod creates a successor: a ReplicaSet at once, a StatefulSet when the old one is gone.';
  if (signal === 'SIGKILL') {
    const shortest =
      "The API deletes the pod at once; its containers may run for 2 s more (kubelet's shortest shutdown).";
    return [owner, shortest];
  }
  const own = 'its own terminationGracePeriodSeconds';
  return [owner, `The pod drains for at most ${graceMs === null ? own : formatMs(graceMs)}.`];
}
