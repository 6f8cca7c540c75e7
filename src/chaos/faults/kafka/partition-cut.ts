/** The impairments of a partition: which links are cut, in which direction, and what undoes them. */
import type { LinkDirection } from '../../../core/acts/link-acts.ts';
import type { FaultPlan } from '../../fault.ts';
import { impairmentId, type LinkUndo, reversed, undoFor } from '../links/link-impairment.ts';
import type { PartitionAct } from './partition-proof.ts';
import type { SideLinks } from './partition-shape.ts';

export const NAME = 'partition-kafka';

export type CutDirection = 'both' | 'in' | 'out';

type Cut = Pick<PartitionAct, 'id' | 'links' | 'effect' | 'reverse'>;

/**
 * One direction on links that were dialled from either side: to the server on some is to the client on the
 * others.
 */
export function cutBetween(direction: CutDirection, { toward, outward }: SideLinks): Cut {
  const names = (links: SideLinks['toward']): readonly string[] => links.map((link) => link.name);
  const id = impairmentId(NAME);
  if (direction === 'both') return { id, links: names([...toward, ...outward]), effect: { kind: 'cut' } };
  const inward: LinkDirection = direction === 'in' ? 'to-server' : 'to-client';
  const effect = { kind: 'cut', direction: inward } as const;
  if (toward.length === 0) return { id, links: names(outward), effect: reversed(effect) };
  if (outward.length === 0) return { id, links: names(toward), effect };
  return { id, links: names(toward), effect, reverse: { id: impairmentId(NAME), links: names(outward) } };
}

export function undoOf(act: Cut, all: SideLinks['toward']): FaultPlan<PartitionAct, LinkUndo>['undo'] {
  const data = undoFor(act.id, all);
  return { fault: NAME, data: act.reverse === undefined ? data : { ...data, reverseId: act.reverse.id } };
}
