/** Why a night says nothing in any series. It stays a gap: what is filled in would look like a night. */
import type { Night } from '../../core/night.ts';

/**
 * `INVALID: k6 lost its load`; null: its values count. A FAIL is a value. So is a night that left residue
 * itself: all it measured was measured before. A night that found the residue of others measured a broken
 * system.
 */
export function gapOfNight({ runStatus, reasons, faults }: Night): string | null {
  const isGap =
    runStatus === 'INVALID' ||
    runStatus === 'NO-DATA' ||
    (runStatus === 'RESIDUE' && faults.every((one) => one.status !== 'residue'));
  if (!isGap) return null;
  const why = reasons.find((one) => one.status === runStatus)?.text;
  return why === undefined ? runStatus : `${runStatus}: ${why}`;
}
