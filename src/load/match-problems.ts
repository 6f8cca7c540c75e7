/** What the matching of arrivals found wrong, in words for the ledger. */
import type { MatchEvidence } from '../measure/arrival.ts';

/** Problems in the matching of arrivals, as text for the ledger. */
export function matchProblems(evidence: MatchEvidence): string[] {
  const found: string[] = [];
  const { events, stragglers, early, earliestNs, orphans, surplus } = evidence;
  if (events === 0) found.push('no arrival was seen');
  if (stragglers > 0) {
    found.push(`${stragglers} arrivals were reported after a later one had been ranked (lag above 2 s)`);
  }
  if (early > 0) {
    const worst = (earliestNs / 1e6).toFixed(1);
    found.push(
      `${early} arrivals came up to ${worst} ms before they were due: a start was lost, the wall clock was set, or the generator was late by as much in its first 3 s`,
    );
  }
  if (orphans > 0) found.push(`${orphans} answers came from VUs that had started nothing`);
  if (surplus > 0) found.push(`${surplus} arrivals came after the last one of the schedule`);
  return found;
}
