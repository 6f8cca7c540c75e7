/** What several A/A gates in a row say together. */
import type { VerdictStatus } from '../core/verdict.ts';

/** "6 A/A gates: 4 PASS, 2 INCONCLUSIVE; no false alarm, and at most 5 % are to be expected". */
export function roundsText(statuses: readonly VerdictStatus[], alpha: number): string {
  const kinds = [...new Set(statuses)].sort();
  const counted = kinds.map((kind) => `${statuses.filter((one) => one === kind).length} ${kind}`);
  const alarms = statuses.filter((one) => one === 'FAIL').length;
  const said = alarms === 0 ? 'no false alarm' : `${alarms} false ${alarms === 1 ? 'alarm' : 'alarms'}`;
  return `${statuses.length} A/A gates: ${counted.join(', ')}; ${said}, where at most ${alpha * 100} % are to be expected`;
}
