/** The words of a quarantine, the same in every report. */
import { withoutRound } from '../../core/fault-steps.ts';
import type { NightFault, QuarantineInForce } from '../../core/night.ts';
import type { FaultSli } from './unit-outcome.ts';

/** `kill-pod × checkout failed`. */
export const unitText = ({ fault, sli }: FaultSli): string => `${fault} × ${sli}`;

/** `2026-11-20`, of an ISO time. */
export const dayOf = (iso: string): string => iso.slice(0, 10);

/** The faults of a night, each once, in the order of the campaign. */
export const faultNames = (faults: readonly Pick<NightFault, 'name'>[]): readonly string[] => [
  ...new Set(faults.map((one) => withoutRound(one.name))),
];

/**
 * `2 of 3 faults judged, 1 in quarantine since 2026-11-20 (anna)`: part of the headline of a night. Null:
 * nothing is in quarantine, so that every fault is judged.
 * @param faults of the night, each once.
 */
export function quarantineHeadline(
  faults: readonly string[],
  inForce: readonly QuarantineInForce[],
): string | null {
  const [first] = [...inForce].sort((a, b) => Date.parse(a.since) - Date.parse(b.since));
  if (first === undefined) return null;
  const held = new Set(inForce.map((one) => one.fault));
  const all = new Set([...faults, ...held]);
  const owners = [...new Set(inForce.map((one) => one.owner))].join(', ');
  const judged = `${all.size - held.size} of ${all.size} faults judged`;
  return `${judged}, ${held.size} in quarantine since ${dayOf(first.since)} (${owners})`;
}
