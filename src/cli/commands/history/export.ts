/** `gauntlet history export`: nights or series for a notebook. */
import { type ExportFormat, exportNights, exportSeries } from '../../../report/history-export.ts';
import { trendOfHistory } from '../../../run/nightly/trend-of-history.ts';
import { cliContext } from '../../terminal/context.ts';
import { writeOut } from '../../terminal/write-out.ts';
import { type NightsOptions, nightGroups } from './nights-of.ts';
import { withHistory } from './with-history.ts';

export const EXPORTED = ['series', 'nights'] as const;
export const EXPORT_FORMATS = ['csv', 'ndjson'] as const satisfies readonly ExportFormat[];

export interface ExportOptions extends NightsOptions {
  readonly of: (typeof EXPORTED)[number];
  readonly format: ExportFormat;
  readonly out?: string;
}

/** @returns 0: that it was exported. */
export async function historyExportCommand(where: string, options: ExportOptions): Promise<number> {
  const cli = cliContext();
  const { of: what, format, out } = options;
  return await withHistory(cli, where, (history) => {
    const trends = nightGroups(history, options).map(({ of }) => trendOfHistory(history, of));
    const text = (what === 'nights' ? exportNights : exportSeries)(trends, format);
    if (out !== undefined) writeOut(out, text);
    else if (text !== '') cli.frame(text.trimEnd());
    return 0;
  });
}
