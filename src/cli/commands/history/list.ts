/** `gauntlet history list`: one line a night. */
import { usageError } from '../../../core/errors.ts';
import { historyList } from '../../../report/history-list.ts';
import { trendOfHistory } from '../../../run/nightly/trend-of-history.ts';
import { cliContext } from '../../terminal/context.ts';
import { type NightsOptions, nightGroups } from './nights-of.ts';
import { withHistory } from './with-history.ts';

export interface ListOptions extends NightsOptions {
  readonly last: string;
  readonly json?: boolean;
}

/** @returns 0: that it was read. */
export async function historyListCommand(where: string, options: ListOptions): Promise<number> {
  const cli = cliContext();
  const last = lastOf(options.last);
  return await withHistory(cli, where, (history) => {
    const groups = nightGroups(history, options).map(({ of, nights }) => {
      const shown = nights.slice(-last);
      const pinned = history.pinned(of);
      const { headline } = trendOfHistory(history, of);
      return { ...of, nights: shown, hidden: nights.length - shown.length, pinned, headline };
    });
    if (options.json === true) cli.json(groups);
    else cli.frame(historyList(where, groups, { width: cli.width, color: cli.color }));
    return 0;
  });
}

function lastOf(text: string): number {
  const last = Number(text);
  if (Number.isInteger(last) && last >= 1) return last;
  throw usageError({ subject: '--last', expected: 'a whole number from 1', got: JSON.stringify(text) });
}
