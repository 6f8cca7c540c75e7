/** Whether the nights allow a quarantine: mixed outcomes, on the same versions, no two failures in a row. */
import { canonicalJson } from '../../core/canonical-json.ts';
import type { Problem } from '../../core/errors.ts';
import type { Night } from '../../core/night.ts';
import type { UnitNightOutcome } from './passes.ts';
import { dayOf, unitText } from './quarantine-words.ts';
import type { FaultSli } from './unit-outcome.ts';

/** Older nights are no evidence. */
export const MOST_NIGHTS = 10;

export interface FoundEvidence {
  /** Ids of the nights, oldest first. */
  readonly evidence: readonly string[];
  readonly problems: readonly Problem[];
}

/** @param outcomes of the last nights, oldest first. */
export function evidenceProblems(unit: FaultSli, outcomes: readonly UnitNightOutcome[]): FoundEvidence {
  const subject = unitText(unit);
  const judged = outcomes.filter(({ outcome }) => outcome.kind !== 'gap');
  const newest = judged.at(-1)?.night;
  if (newest === undefined) {
    const expected = `a pass and a fail within the last ${MOST_NIGHTS} nights`;
    const next = 'RESIDUE, INVALID and NO-DATA cannot be quarantined: mend what caused them.';
    return { evidence: [], problems: [{ subject, expected, got: sayNights(outcomes), next }] };
  }
  if (Object.keys(newest.subject).length === 0) {
    const expected = 'nights that name the versions of what was tested';
    const got = `${nameOf(newest)}, which names none: whether its versions are those of other nights is unknown`;
    const next = 'Name them with each night, then ask again.';
    return { evidence: [], problems: [{ subject, expected, got, next }] };
  }
  const same = judged.filter(({ night }) => versionsOf(night) === versionsOf(newest));
  return {
    evidence: same.map(({ night }) => night.id),
    problems: [...mixedProblems(subject, same, outcomes), ...twiceProblems(subject, same)],
  };
}

function mixedProblems(
  subject: string,
  same: readonly UnitNightOutcome[],
  outcomes: readonly UnitNightOutcome[],
): readonly Problem[] {
  const count = (kind: 'pass' | 'fail'): number => same.filter(({ outcome }) => outcome.kind === kind).length;
  const [passes, fails] = [count('pass'), count('fail')];
  if (passes > 0 && fails > 0) return [];
  const newest = same.at(-1)?.night;
  const expected = `at least 1 pass and 1 fail within the last ${MOST_NIGHTS} nights on the versions of the newest (${sayVersions(newest)})`;
  const hidden = outcomes.filter(({ night }) => ['RESIDUE', 'INVALID', 'NO-DATA'].includes(night.runStatus));
  const next =
    hidden.length > 0
      ? { next: 'RESIDUE, INVALID and NO-DATA cannot be quarantined: mend what caused them.' }
      : {};
  const got = `${passes} passed, ${fails} failed: ${sayNights(outcomes, newest)}`;
  return [{ subject, expected, got, ...next }];
}

function twiceProblems(subject: string, same: readonly UnitNightOutcome[]): readonly Problem[] {
  const at = same.findIndex(
    ({ outcome }, index) => outcome.kind === 'fail' && same[index + 1]?.outcome.kind === 'fail',
  );
  const [first, second] = [same[at]?.night, same[at + 1]?.night];
  if (at < 0 || first === undefined || second === undefined) return [];
  return [
    {
      subject,
      expected: 'no two failures in a row on the same versions',
      got: `${nameOf(first)} and ${nameOf(second)}`,
      next: 'What fails twice without a pass between is real: mend it.',
    },
  ];
}

/** What has to be equal: what was tested, and how. */
const versionsOf = ({ campaignHash, subject }: Night): string => canonicalJson([campaignHash, subject]);

const sayVersions = (night: Night | undefined): string =>
  Object.entries(night?.subject ?? {})
    .map(([service, version]) => `${service} ${version}`)
    .join(', ');

const nameOf = ({ run, startedAt }: Night): string => `${run} of ${dayOf(startedAt)}`;

/** @param newest nights on other versions than its are marked. */
function sayNights(outcomes: readonly UnitNightOutcome[], newest?: Night): string {
  if (outcomes.length === 0) return 'no night';
  return outcomes
    .map(({ night, outcome }) => {
      const other = newest && versionsOf(night) !== versionsOf(newest) ? ', other versions' : '';
      return `${nameOf(night)} ${outcome.kind === 'gap' ? `no answer (${outcome.why}${other})` : `${outcome.kind}${other && ` (${other.slice(2)})`}`}`;
    })
    .join('; ');
}
