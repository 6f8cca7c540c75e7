/**
 * Kills that Chaos Mesh carries out (`via: chaos-mesh`): what may be combined with it, which controller takes
 * the order, and what a plan states about it.
 */
import { randomUUID } from 'node:crypto';
import type { KillOrderActs } from '../../../core/acts/kill-orders.ts';
import { GauntletError } from '../../../core/errors.ts';
import { type Ms, ms } from '../../../core/units.ts';
import type { Checking } from '../../parameters.ts';
import { needActs, type World } from '../../world.ts';
import type { KillAct } from './kill-proof.ts';
import type { GivenVia, Via } from './kill-via.ts';

/** For a whole pod Chaos Mesh accepts a grace period; for a container only the kill. */
export function checkOrder(
  { via, container, signal }: GivenVia & { readonly signal?: string | undefined },
  { add }: Checking,
): void {
  if (via !== 'chaos-mesh' || container === undefined || signal !== 'SIGTERM') return;
  add('signal', 'SIGKILL', 'SIGTERM, which the container-kill of Chaos Mesh does not support');
}

/**
 * The id of a new order; null when the fault does not request one. @throws refused where no controller would
 * carry it out.
 */
export async function orderFor(fault: string, { kind }: Via, world: World): Promise<string | null> {
  if (kind !== 'chaos-mesh') return null;
  await needOrders(fault, world).preview();
  return `${fault}-${randomUUID()}`;
}

export function needOrders(fault: string, world: World): KillOrderActs {
  const { orders } = needActs(fault, world, ['instances']).instances;
  if (orders !== undefined) return orders;
  const { platform } = world.platform.handle;
  throw new GauntletError('refused', [
    {
      subject: `${fault}.via`,
      expected: 'a target with kubernetes.backend: chaos-mesh',
      got: platform === 'kubernetes' ? 'kubernetes without it' : platform,
      next: 'Leave via out: Gauntlet itself then ends the instance.',
    },
  ]);
}

/** Whole seconds of Chaos Mesh's gracePeriod: null = the pod's own. */
export const graceOfOrder = ({ signal, graceMs }: Pick<KillAct, 'signal' | 'graceMs'>): Ms | null =>
  signal === 'SIGKILL' ? ms(0) : graceMs;

export const ORDER_TIMERS: readonly string[] = [
  'By Chaos Mesh (PodChaos), which selects by name: it counts as injected when each record reports it and exactly the planned ' +
    'uid is gone; the object is deleted as soon as it was carried out, because Chaos Mesh repeats a failed kill.',
];
