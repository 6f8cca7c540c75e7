/** What `gauntlet doctor` prints about the external programs. */
import Table from 'cli-table3';
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
