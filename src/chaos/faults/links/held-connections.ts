/**
 * A cut that nobody counts, seen by connections of our own: new ones must not come through, and those that
 * were open before it must fall silent. Whoever enforces a policy may look at new connections only, and most
 * clients keep theirs.
 */
import type { HeldConnections } from '../../../core/acts/link-acts.ts';
import { type EpochMs, epochMs, formatMs, type Ms, ms } from '../../../core/units.ts';
import type { Finding } from './link-tally.ts';

const totalOf = ({ passing, silent, ended }: HeldConnections): number => passing + silent + ended;

/** Why connections that were open cannot be called cut; undefined when they are. */
export function goesOn(name: string, held: HeldConnections): string | undefined {
  const total = totalOf(held);
  if (held.passing > 0) {
    return `new connections of ${name} do not come through, but ${held.passing} of ${total} that were open before still pass data`;
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
 * The later of both onsets. That of the held ones lies between their last answer and the first keepalive that
 * has none.
 * @param last the snapshot that it is judged by. @param fresh of new connections.
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
