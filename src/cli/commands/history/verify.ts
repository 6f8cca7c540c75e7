/** `gauntlet history verify`: whether every record is whole, at its place and unchanged. */
import { formatProblem } from '../../../core/errors.ts';
import { VERDICT_EXIT } from '../../../core/verdict.ts';
import { countText } from '../../../report/history-list.ts';
import { cliContext } from '../../terminal/context.ts';
import { withHistory } from './with-history.ts';

export interface VerifyOptions {
  readonly rebuildIndex?: boolean;
  readonly json?: boolean;
}

/** @returns 0 when it is sound; that of FAIL, after naming every damaged record, when it is not. */
export async function historyVerifyCommand(where: string, options: VerifyOptions): Promise<number> {
  const cli = cliContext();
  return await withHistory(cli, where, async (history) => {
    const problems = history.problems();
    const nights = problems.length === 0 ? history.nights().length : null;
    if (options.rebuildIndex === true && nights !== null) await history.publish();
    const index = nights === null ? null : history.index();
    if (options.json === true) cli.json({ where, nights, index, problems: problems.map(formatProblem) });
    else if (nights !== null) {
      cli.out(`${where}: ${countText(nights)}, every record whole and unchanged.`);
      if (index === 'stale' || index === 'missing')
        cli.out(`index.ndjson is ${index}; nothing reads it. Write it again with --rebuild-index.`);
    } else {
      for (const one of problems) cli.out(formatProblem(one));
      cli.out(`${where}: ${problems.length === 1 ? '1 problem' : `${problems.length} problems`}.`);
    }
    return problems.length === 0 ? VERDICT_EXIT.PASS : VERDICT_EXIT.FAIL;
  });
}
