/** What happens to the token of a run, as events: trouble is a note, and its end is that of the run. */
import type { RunEventBody } from '../../core/events.ts';
import { formatMs } from '../../core/units.ts';
import type { TokenListeners } from '../../targets/tokens/token-renewer.ts';

export const tokenWatch = (run: {
  report(body: RunEventBody): void;
  fail(why: string): void;
}): TokenListeners => ({
  trouble: (why, leftMs) =>
    run.report({
      kind: 'step',
      text: `the run's own token was not renewed, and is valid for another ${formatMs(leftMs)}: ${why}`,
    }),
  expired: (why) => run.fail(`the run's own token expired and was not renewed: ${why}`),
});
