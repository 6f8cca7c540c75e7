/**
 * Faults that dead runs left in place, before a run begins: those on its own target are undone first, those
 * on other targets are only reported.
 */
import { openElsewhere, recoverAll, refuseUnseen } from '../../chaos/healing/recover.ts';
import type { ReplayOutcome } from '../../chaos/healing/replay.ts';
import { GauntletError } from '../../core/errors.ts';
import type { Places } from '../../system/places.ts';
import { openPlatform } from '../../targets/open-platform.ts';

/**
 * @param identity of the target that this run has locked.
 * @throws refused when a run may be active there whose life cannot be checked from here.
 */
export async function recoverOwn(
  identity: string,
  places: Places,
  tell: (text: string) => void,
): Promise<ReplayOutcome> {
  for (const { run, identity: other, open } of openElsewhere(places, identity)) {
    const what = open === null ? 'its journal cannot be read' : `${open.join(', ')} not undone`;
    tell(
      `left alone: run ${run} on target ${other} (${what}); this one is on target ${identity}. ` +
        'Undo it with: gauntlet recover',
    );
  }
  const { unseen = [], ...outcome } = await recoverAll({ places, openPlatform, identity, tell });
  refuseUnseen(unseen, identity);
  return outcome;
}

/**
 * @throws refused: a run must not start on residue, because a target that is still broken would show the old
 * fault.
 */
export function sayRecovered(outcome: ReplayOutcome, tell: (text: string) => void): void {
  for (const one of outcome.undone)
    tell(`undone from an earlier run: ${one.fault} of ${one.run} (${one.evidence})`);
  if (outcome.residue.length === 0) return;
  throw new GauntletError(
    'refused',
    outcome.residue.map((one) => ({
      subject: `${one.fault} of run ${one.run}`,
      expected: 'to be undone before another run',
      got: one.evidence,
      next: 'See gauntlet recover.',
    })),
  );
}
