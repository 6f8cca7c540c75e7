/** `gauntlet history page`: the history as a static folder, for a browser. */
import { relative } from 'node:path';
import { counted } from '../../../report/history-page/view.ts';
import { writePage } from '../../../run/history/page.ts';
import { type RunFolders, runFoldersIn } from '../../../run/history/page-reports.ts';
import { trendOfHistory } from '../../../run/nightly/trend-of-history.ts';
import { cliContext } from '../../terminal/context.ts';
import { type NightsOptions, nightGroups } from './nights-of.ts';
import { withHistory } from './with-history.ts';

export interface PageOptions extends NightsOptions {
  readonly out: string;
  readonly runs?: readonly string[];
  readonly json?: boolean;
}

/** @returns 0: that it was written. What the nights say is on the page. */
export async function historyPageCommand(where: string, options: PageOptions): Promise<number> {
  const cli = cliContext();
  return await withHistory(cli, where, (history) => {
    const trends = nightGroups(history, options).map(({ of }) => trendOfHistory(history, of));
    const runs: RunFolders = new Map((options.runs ?? []).flatMap((folder) => [...runFoldersIn(folder)]));
    const written = writePage(trends, runs, options.out);
    const { index, bytes, nights, copied, linked } = written;
    if (options.json === true) cli.json({ ...written, headlines: trends.map((trend) => trend.headline) });
    else {
      for (const { campaign, environment, headline } of trends)
        cli.out(`${campaign} on ${environment}: ${headline}`);
      const size = bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
      cli.out(
        `Page: ${relative(process.cwd(), index)} (${counted(nights, 'night')}, ${counted(copied, 'report')} copied, ${linked} linked, ${size})`,
      );
    }
    return 0;
  });
}
