/** Which controller replaces the victims of a kill, determined before it: for the plan and for the guards. */
import type { InstanceState } from '../../../core/acts/instance-acts.ts';
import { describeVictim } from '../../../core/topology.ts';
import type { World } from '../../world.ts';
import type { Inside } from './container-view.ts';

export interface Outlook {
  /** Victims without a replacement. */
  readonly lost: readonly {
    readonly state: InstanceState;
    readonly victim: string;
    readonly why: string;
    readonly fix?: string;
  }[];
  /** For people. */
  readonly sayings: readonly string[];
}

/**
 * @param inside a signal inside a pod: the kubelet restarts its container, whatever owns the pod.
 * @param mayAccept whether the fault can declare the loss.
 */
export async function futureOf(
  chosen: readonly InstanceState[],
  inside: Inside | null,
  world: World,
  mayAccept: boolean,
  signal: 'SIGKILL' | 'SIGTERM',
): Promise<Outlook> {
  const acts = world.platform.instances?.successors;
  if (inside !== null || acts === undefined) return { lost: [], sayings: [] };
  const found = await acts.of(chosen, signal);
  const lost = chosen.flatMap((state, index) => {
    const one = found[index];
    if (one === undefined || one.kind === 'comes') return [];
    const fixes = [one.fix, mayAccept ? 'Or declare the loss with accept-loss: true.' : undefined];
    const fix = fixes.filter((text) => text !== undefined).join(' ');
    return [{ state, victim: describeVictim(state), why: one.why, ...(fix !== '' && { fix }) }];
  });
  const by = [...new Set(found.flatMap((one) => (one.kind === 'comes' ? [one.by] : [])))];
  return {
    lost,
    sayings: [
      ...(by.length === 0 ? [] : [`Replaced by ${by.join(', ')}.`]),
      ...lost.map(({ victim, why }) => `No controller replaces ${victim}: ${why}.`),
    ],
  };
}
