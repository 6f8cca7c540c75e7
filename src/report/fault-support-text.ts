/** The table of `gauntlet doctor --target`: which faults work there, and why the others do not. Text only. */
import type { FaultSupport } from '../core/fault-support.ts';

/** A reason shared by several faults is printed once, below the table, with a number. */
export function faultSupportText(target: string, rows: readonly FaultSupport[]): string {
  const width = Math.max(5, ...rows.map((row) => row.fault.length));
  const shared = [...new Set(rows.flatMap((row) => row.reasons))].filter(
    (reason) => rows.filter((row) => row.reasons.includes(reason)).length > 1,
  );
  const say = (reason: string): string => {
    const index = shared.indexOf(reason);
    return index < 0 ? reason : `[${index + 1}]`;
  };
  const line = (row: FaultSupport): string => {
    const what = row.works ? `would take ${row.victim} (${row.tried})` : row.reasons.map(say).join(' ');
    return `  ${row.fault.padEnd(width)}  ${row.works ? 'works' : 'no   '}  ${what}`;
  };
  const working = rows.filter((row) => row.works).length;
  return [
    `Faults on ${target}: ${working} of ${rows.length} work here`,
    ...rows.map(line),
    ...shared.map((reason, index) => `  [${index + 1}] ${reason}`),
  ].join('\n');
}
