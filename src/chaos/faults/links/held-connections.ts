/**
 * A cut without counters, observed on connections of our own: new ones must fail, and those that were open
 * before it must become silent. A policy may be enforced on new connections only, and most clients keep
 * theirs.
 */
import type { HeldConnections } from '../../../core/acts/link-acts.ts';
import { type EpochMs, epochMs, formatMs, type Ms, ms } from '../../../core/units.ts';
import type { Finding } from './link-tally.ts';

const totalOf = ({ passing, silent, ended }: HeldConnections): number => passing + silent + ended;

/** Why open connections cannot be called cut; undefined when they are cut. */
export function goesOn(name: string, held: HeldConnections): string | undefined {
  const total = totalOf(held);
  if (held.passing > 0) {
    return `new connections of ${name} fail, but ${held.passing} of ${total} that were open before still pass data`;
  }
  if (held.ended > 0) {
    return `${held.ended} of ${total} connections of ${name} that were held have ended: whether open ones are cut cannot be determined`;
  }
  if (held.silent > 0) return undefined;
  return `no connection of ${name} that was open before is still held: whether open ones are cut cannot be determined`;
}

/** For the receipt, where no probe crosses the link. */
export const sayConnections = (
  held: HeldConnections,
  good: number,
  bad: number,
): { readonly held: string; readonly fresh: string } => ({
  held: `${held.silent} of ${totalOf(held)} silent`,
  fresh: `${bad} of ${good + bad} not let through`,
});

interface Onset {
  readonly at: EpochMs;
  readonly boundMs: Ms;
}

/**
 * The later of both onsets. The onset of the held connections is between their last answer and their first
 * unanswered keepalive.
 * @param last the snapshot for the judgement. @param fresh the onset for new connections.
 */
export function onBothKinds(
  where: string,
  last: { readonly at: EpochMs; readonly waiting: number; readonly held: HeldConnections },
  fresh: Onset,
  still: string,
): Finding {
  const { silent, silentMs, silentBoundMs, askedEveryMs } = last.held;
  const answeredAt = last.at - silentMs;
  const at = Math.max(fresh.at, Math.min(last.at, answeredAt + askedEveryMs));
  const notBefore = Math.max(fresh.at - fresh.boundMs, answeredAt - silentBoundMs);
  const text = `${where}: ${last.waiting} new not let through, ${silent} that were open silent for ${formatMs(silentMs)}, and ${still}`;
  return { kind: 'seen', at: epochMs(at), boundMs: ms(at - notBefore), text };
}
