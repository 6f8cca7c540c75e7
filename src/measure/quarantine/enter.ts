/**
 * The way into quarantine. Only what passes and fails on the same versions may enter, with an owner, a reason
 * and an end; whatever fails twice in a row is real.
 */
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError, type Problem, show } from '../../core/errors.ts';
import type { Night } from '../../core/night.ts';
import { plain } from '../../core/plain.ts';
import {
  isSameUnit,
  QUARANTINE_SCHEMA,
  type QuarantineEntry,
  type QuarantineUnit,
} from '../../core/quarantine.ts';
import { evidenceProblems, MOST_NIGHTS } from './evidence.ts';
import { expired, inForce } from './in-force.ts';
import { nightsOf, outcomesOf } from './passes.ts';
import { dayOf, faultNames, unitText } from './quarantine-words.ts';
import { MOST_DAYS, readUntil } from './until.ts';

/** Of the faults of a campaign, rounded down; one is always possible. */
const MOST_SHARE = 0.25;
const LONGEST_TEXT = 300;

/** As typed; undefined: not given. */
export interface AskedQuarantine extends QuarantineUnit {
  readonly owner: string | undefined;
  readonly reason: string | undefined;
  /** `2026-12-24`, which is included, or an ISO 8601 time. */
  readonly until: string | undefined;
}

/**
 * @param nights of the history; @param entries all of it, lifted ones too.
 * @throws usage: the entry cannot be read; refused: the nights do not allow it. All problems at once.
 */
export function enterQuarantine(
  asked: AskedQuarantine,
  nights: readonly Night[],
  entries: readonly QuarantineEntry[],
  now: Date,
): QuarantineEntry {
  const here = nightsOf(nights, asked);
  const { until, problems: untilProblems } = readUntil(asked.until, now);
  const owner = textOf('--owner', asked.owner, 'who mends it, such as a team or a person');
  const reason = textOf('--reason', asked.reason, 'why it fails at times, such as the number of an issue');
  const wrong = [...nameProblems(asked, here), ...owner.problems, ...reason.problems, ...untilProblems];
  if (wrong.length > 0) throw new GauntletError('usage', wrong);
  const [newest] = here.slice(-1);
  const earlier = entries.filter((one) => isSameUnit(one, asked));
  const [standing] = inForce(earlier, asked, now);
  const [old] = expired(earlier, asked, now);
  // An entry cannot be made longer by the nights that it was made for.
  const usable = here.filter((one) => !old || Date.parse(one.startedAt) >= Date.parse(old.since));
  const found = evidenceProblems(asked, outcomesOf(usable.slice(-MOST_NIGHTS), asked));
  const refusals = [
    ...(standing ? [standingProblem(standing)] : []),
    ...found.problems,
    ...shareProblems(asked, newest, inForce(entries, asked, now)),
  ];
  if (refusals.length > 0) throw new GauntletError('refused', refusals);
  const { campaign, environment, fault, sli } = asked;
  return {
    schema: QUARANTINE_SCHEMA,
    ...{ campaign, environment, fault, sli, owner: owner.text, reason: reason.text },
    ...{ since: now.toISOString(), until, evidence: found.evidence, lifted: null },
  };
}

interface ReadText {
  readonly text: string;
  readonly problems: readonly Problem[];
}

function textOf(subject: string, written: string | undefined, what: string): ReadText {
  const text = plain(written ?? '');
  const expected = `${what}, in at most ${LONGEST_TEXT} characters`;
  const got = text.length > LONGEST_TEXT ? `${text.length} characters` : show(written);
  const isFine = text.length > 0 && text.length <= LONGEST_TEXT;
  return { text, problems: isFine ? [] : [{ subject, expected, got }] };
}

/** A fault that no night has, or a service level that none measured after it. Empty names: not given. */
function nameProblems({ campaign, fault, sli }: QuarantineUnit, here: readonly Night[]): readonly Problem[] {
  if (here.length === 0)
    return [{ subject: 'history', expected: `nights of campaign ${campaign}`, got: 'none' }];
  const faults = [...new Set(here.flatMap((one) => faultNames(one.faults)))];
  const isKnown = faults.includes(fault);
  const measured = here.flatMap((one) => one.recoveries.filter((each) => !isKnown || each.fault === fault));
  const slis = [...new Set(measured.map((one) => one.sli))];
  return [
    ...(isKnown ? [] : [unknown('--fault', fault, faults, 'a fault of the nights')]),
    ...(slis.includes(sli)
      ? []
      : [unknown('--sli', sli, slis, `a service level measured after ${isKnown ? fault : 'a fault'}`)]),
  ];
}

function unknown(subject: string, name: string, known: readonly string[], what: string): Problem {
  const expected = known.length === 0 ? `${what} (there is none)` : `one of ${known.join(', ')}`;
  return { subject, expected, got: name === '' ? 'nothing' : show(name), ...didYouMean(name, known) };
}

function standingProblem(entry: QuarantineEntry): Problem {
  return {
    subject: unitText(entry),
    expected: 'not to be in quarantine already',
    got: `an entry of ${entry.owner} from ${dayOf(entry.since)} until ${dayOf(entry.until)}`,
    next: `It cannot be made longer: after its end, mixed outcomes of nights since then may enter it again for ${MOST_DAYS} days.`,
  };
}

/** So that a quarantine never becomes the place where most of a campaign is kept. */
function shareProblems(
  asked: QuarantineUnit,
  newest: Night | undefined,
  held: readonly QuarantineEntry[],
): readonly Problem[] {
  const all = faultNames(newest?.faults ?? []);
  const most = Math.max(1, Math.floor(all.length * MOST_SHARE));
  const faults = new Set(held.map((one) => one.fault));
  if (faults.has(asked.fault) || faults.size < most) return [];
  const owners = held.map((one) => `${unitText(one)} (${one.owner}, until ${dayOf(one.until)})`).join(', ');
  return [
    {
      subject: unitText(asked),
      expected: `at most ${most} of ${all.length} faults in quarantine (a quarter, at least one)`,
      got: `${faults.size} already: ${owners}`,
      next: 'Mend one of them first.',
    },
  ];
}
