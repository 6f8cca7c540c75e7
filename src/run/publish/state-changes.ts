/**
 * What is new with the latest night of a history: only this is worth a message. A verdict that stays the same
 * is on the dashboard, and a channel that gets a message every night is muted.
 */
import type { MessageChange } from '../../core/message.ts';
import type { Night } from '../../core/night.ts';
import type { Trend } from '../../core/trend.ts';

/** @param trend with its latest night. */
export function stateChanges(trend: Trend): readonly MessageChange[] {
  const tonight = trend.nights.at(-1);
  if (tonight === undefined) return [];
  const before = trend.nights.at(-2);
  return [...verdictChange(tonight, before), ...changePoints(trend), ...expired(tonight, before)];
}

function verdictChange({ status }: Night, before: Night | undefined): readonly MessageChange[] {
  if (before === undefined) {
    const text = `The first night is ${status}.`;
    return status === 'PASS' ? [] : [{ kind: 'verdict', text }];
  }
  if (before.status === status) return [];
  const text = `${status} after ${before.status}.`;
  return [{ kind: status === 'PASS' ? 'recovered' : 'verdict', text }];
}

/** Improvements too: what fails at once is fast. */
const changePoints = ({ series }: Trend): readonly MessageChange[] =>
  series.flatMap(({ id, changes }) =>
    changes
      .filter((one) => one.state === 'confirmed' && one.isNew)
      .map((one): MessageChange => {
        const kind = one.isWorse ? 'worse' : 'better';
        return { kind, text: `${id}: ${one.text} since ${one.at}, confirmed (${kind}).` };
      }),
  );

/** In force the night before, not any more, and not renewed. A lifted one ended before its time. */
function expired(tonight: Night, before: Night | undefined): readonly MessageChange[] {
  return (before?.quarantine ?? [])
    .filter((one) => Date.parse(one.until) <= Date.parse(tonight.endedAt))
    .filter(({ fault, sli }) => !tonight.quarantine.some((now) => now.fault === fault && now.sli === sli))
    .map(({ fault, sli, owner, until }) => ({
      kind: 'quarantine-expired',
      text: `The quarantine of ${fault}: ${sli} (owner ${owner}) expired ${until}: it decides again.`,
    }));
}
