/** Which nights of a history a command is about: options that several subcommands have. */
import { didYouMean } from '../../../core/did-you-mean.ts';
import { usageError } from '../../../core/errors.ts';
import type { HistoryOf } from '../../../core/history.ts';
import type { Night } from '../../../core/night.ts';
import { groupNights } from '../../../run/history/group-nights.ts';
import type { HistoryStore } from '../../../run/history/history-store.ts';

export interface NightsOptions {
  readonly campaign?: string;
  readonly environment?: string;
}

/** By campaign and environment, oldest first. @throws usage for a name that no night has. */
export function nightGroups(
  history: HistoryStore,
  { campaign, environment }: NightsOptions,
): readonly { readonly of: HistoryOf; readonly nights: readonly Night[] }[] {
  const all = history.nights();
  checkName(
    '--campaign',
    campaign,
    all.map((night) => night.campaign),
  );
  const inCampaign = all.filter((night) => campaign === undefined || night.campaign === campaign);
  checkName(
    '--environment',
    environment,
    inCampaign.map((night) => night.environment.key),
  );
  return groupNights(
    inCampaign.filter((night) => environment === undefined || night.environment.key === environment),
  );
}

function checkName(subject: string, name: string | undefined, of: readonly string[]): void {
  const known = [...new Set(of)].sort();
  if (name === undefined || known.includes(name)) return;
  const expected = known.length === 0 ? 'a history with nights' : `one of ${known.join(', ')}`;
  throw usageError({ subject, expected, got: name, ...didYouMean(name, known) });
}

/** Fewer digits of a hash are no name. */
const LEAST_DIGITS = 6;

/** @param given an id, a run id, or the beginning of the 12 digits at the end of an id. @throws usage. */
export function nightNamed(history: HistoryStore, given: string): Night {
  const all = history.nights();
  const isDigits = new RegExp(`^[0-9a-f]{${LEAST_DIGITS},12}$`).test(given);
  const found = all.filter(
    ({ id, run }) =>
      id === given || run === given || (isDigits && id.slice(id.lastIndexOf('-') + 1).startsWith(given)),
  );
  const [night] = found;
  if (night !== undefined && found.length === 1) return night;
  throw usageError({
    subject: `night ${given}`,
    expected: `the id of a night in ${history.where}, or at least ${LEAST_DIGITS} of its last 12 digits`,
    got: found.length === 0 ? 'one that is not there' : `one that ${found.length} nights have`,
    next:
      didYouMean(
        given,
        all.flatMap(({ id, run }) => [id, run]),
      ).next ?? LIST,
  });
}

const LIST = 'List them with gauntlet history list.';
