/** `gauntlet history pin`: the night that all later ones are compared with. */
import { usageError } from '../../../core/errors.ts';
import type { Night } from '../../../core/night.ts';
import { ofNight } from '../../../run/history/paths.ts';
import { cliContext } from '../../terminal/context.ts';
import { nightNamed } from './nights-of.ts';
import { withHistory } from './with-history.ts';

export interface PinOptions {
  readonly remove?: boolean;
  readonly reason?: string;
  readonly by?: string;
}

/** @throws usage: no such night; one that measured nothing; with --remove one that is not pinned. */
export async function historyPinCommand(where: string, given: string, options: PinOptions): Promise<number> {
  const cli = cliContext();
  return await withHistory(cli, where, async (history) => {
    const night = nightNamed(history, given);
    const of = ofNight(night);
    const before = history.pinned(of);
    const isRemoval = options.remove === true;
    if (isRemoval && before !== night.id)
      throw usageError({
        subject: '--remove',
        expected: 'the pinned night',
        got: night.id,
        ...named(before),
      });
    if (!isRemoval) checkReference(night);
    history.pin({
      ...of,
      night: isRemoval ? null : night.id,
      at: new Date().toISOString(),
      by: options.by ?? (cli.env['USER'] || null),
      reason: options.reason ?? null,
    });
    await history.publish();
    const place = `${of.campaign} on ${of.environment}`;
    const was = before === null || before === night.id ? '' : ` (was ${before})`;
    cli.out(isRemoval ? `${place}: no night is pinned now.` : `${place}: pinned ${night.id}${was}.`);
    return 0;
  });
}

const named = (pinned: string | null): { readonly next: string } => ({
  next: pinned === null ? 'No night is pinned.' : `Pinned is ${pinned}.`,
});

/** What measured nothing, or on a broken system, is no reference. */
function checkReference({ id, status }: Night): void {
  if (status === 'PASS' || status === 'FAIL' || status === 'INCONCLUSIVE') return;
  throw usageError({
    subject: `night ${id}`,
    expected: 'a night that measured the system',
    got: `one that is ${status}`,
    next: 'Pin a night of a release that was good.',
  });
}
