/** The texts of `gauntlet doctor`: the external programs, and with --target which faults work there. */
import Table from 'cli-table3';
import type { FaultSupport } from '../core/fault-support.ts';
import type { PartReport } from '../core/tools.ts';

/**
 * A table for the terminal, without colours: part, version, origin or what to type; below it, why parts are
 * missing.
 */
export function partsText(reports: readonly PartReport[]): string {
  const table = new Table({
    head: ['part', 'version', 'where from, or what to type'],
    style: { head: [], border: [] },
    colWidths: [8, 12, 86],
    wordWrap: true,
    wrapOnWordBoundary: true,
  });
  for (const { name, found, fix } of reports) {
    table.push(found ? [name, found.version, `${found.origin}: ${found.path}`] : [name, 'missing', fix]);
  }
  const reasons = reports
    .filter((report) => report.found === null)
    .flatMap(({ name, tried }) => tried.map(({ way, why }) => `${name}: ${way}: ${why}`));
  return [table.toString(), ...reasons].join('\n');
}

/**
 * Which faults work on a target, and why the others do not. A reason shared by several faults is printed
 * once, below the table, with a number.
 */
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
