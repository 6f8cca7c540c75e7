/** Where nights stop being comparable. */
import type { Night } from '../../core/night.ts';
import type { Segment } from '../../core/trend.ts';

/** @param nights oldest first. */
export function segmentsOf(nights: readonly Night[]): readonly Segment[] {
  return nights.flatMap((night, at): readonly Segment[] => {
    const last = nights[at - 1];
    if (last === undefined) return [{ from: night.id, because: null }];
    const changed = [
      ...(night.campaignHash === last.campaignHash ? [] : ['campaign']),
      ...wordsChanged(last.environment.words, night.environment.words),
      // A key is made of the words and the target's name.
      ...(night.target === last.target ? [] : [`target: ${last.target} → ${night.target}`]),
    ];
    if (changed.length > 0) return [{ from: night.id, because: changed.join(', ') }];
    if (night.recoveryWatchMs === last.recoveryWatchMs) return [];
    const because = `recovery watch: ${secondsOf(last.recoveryWatchMs)} → ${secondsOf(night.recoveryWatchMs)}`;
    return [{ from: night.id, because, only: 'recovery' }];
  });
}

const secondsOf = (ms: number): string => `${ms / 1000} s`;

function wordsChanged(
  before: Night['environment']['words'],
  after: Night['environment']['words'],
): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name}: ${before[name] ?? 'none'} → ${after[name] ?? 'none'}`);
}

/** Index of the first night that can be compared with the newest. */
export function startOfPresent(
  nights: readonly Night[],
  segments: readonly Segment[],
  ofRecovery: boolean,
): number {
  const last = segments.findLast((one) => ofRecovery || one.only === undefined);
  return Math.max(
    0,
    nights.findIndex((one) => one.id === last?.from),
  );
}
