/** How many instances each side of a gate has, where its platform knows instances. */
import type { Platform } from '../../core/acts/platform.ts';
import { GauntletError } from '../../core/errors.ts';
import type { GateSide, Replicas } from '../../core/gate.ts';
import { unequalReplicas } from '../../measure/gate/replicas.ts';

/** Undefined: the platform knows no instances, or does not say now. One that is told to go counts no more. */
export async function replicasOf({ instances }: Platform): Promise<Replicas | undefined> {
  if (instances === undefined) return undefined;
  try {
    const counts: Record<string, number> = {};
    for (const { service, isLeaving } of await instances.list())
      if (isLeaving !== true) counts[service] = (counts[service] ?? 0) + 1;
    return counts;
  } catch {
    return undefined;
  }
}

/** @throws unavailable when one side is larger than the other: before any load. */
export async function requireEqualReplicas(sides: Readonly<Record<GateSide, Platform>>): Promise<void> {
  const [baseline, candidate] = [await replicasOf(sides.baseline), await replicasOf(sides.candidate)];
  const unequal = baseline && candidate ? unequalReplicas(baseline, candidate) : null;
  if (unequal === null) return;
  throw new GauntletError('unavailable', [
    {
      subject: 'replicas',
      expected: 'both sides to be as large as each other',
      got: unequal,
      next: 'Scale one of them, then run the gate again.',
    },
  ]);
}
