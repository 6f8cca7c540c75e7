/**
 * Two series for each fault × service level: how long recovery took, and which share of the rounds recovered
 * while they were watched. The first alone would get better when slow ones stop recovering at all.
 */
import { byKey } from '../../core/by-key.ts';
import { withoutRound } from '../../core/fault-steps.ts';
import type { Night, NightRecovery } from '../../core/night.ts';
import { wilson } from '../statistics.ts';
import { gapOfNight } from './night-gap.ts';
import { gap, type NightValue, type RecoverySource, type SeriesPlan } from './series-plan.ts';

/** A watch that ended much earlier was cut short: what is censored there is not as late as the others. */
const WHOLE_WATCH = 0.95;

interface Unit {
  readonly fault: string;
  readonly sli: string;
}

export function recoverySeries(nights: readonly Night[]): readonly SeriesPlan[] {
  const units = new Map<string, Unit>();
  for (const { fault, sli } of nights.flatMap((night) => night.recoveries))
    units.set(`${fault}: ${sli}`, { fault, sli });
  return [...units].sort(byKey).flatMap(([id, unit]) => bothOf(id, unit, isHeadline(nights, unit)));
}

/** Judged by an objective, or, of a fault that none judges, degraded by it in some night. */
function isHeadline(nights: readonly Night[], { fault, sli }: Unit): boolean {
  const objectives = nights.flatMap((night) => night.objectives).filter((one) => one.fault === fault);
  const flows = new Set(objectives.flatMap((one) => one.flow ?? flowOfName(one.name)));
  if (flows.size > 0) return flows.has(sli.replace(/ (failed|slow)$/, ''));
  return nights.some((night) =>
    night.recoveries.some((one) => one.fault === fault && one.sli === sli && one.status !== 'never-degraded'),
  );
}

/** Of nights that do not name it: the first word of `FLOW recovered < 60s after FAULT`. */
const flowOfName = (name: string): string => name.split(' ')[0] ?? name;

function bothOf(id: string, unit: Unit, headline: boolean): readonly SeriesPlan[] {
  const { fault, sli } = unit;
  const recovery: RecoverySource = {
    ...unit,
    roundsOf: (night) =>
      gapOf(night, unit) === null
        ? roundsOf(night, unit).map((one) => ({
            timeMs: one.sinceInjectedMs ?? 0,
            recovered: one.status !== 'censored',
          }))
        : [],
  };
  const common = { scale: 'rank', isHeadline: headline, recovery } as const;
  return [
    {
      ...common,
      ...{ id: `${id} recovery time`, name: `Recovery time of ${sli} after ${fault}`, kind: 'recovery' },
      valueOf: (night) => ofRounds(night, unit, timeOf),
    },
    {
      ...common,
      ...{ id: `${id} recovered`, name: `Share recovered of ${sli} after ${fault}`, kind: 'recovered-share' },
      valueOf: (night) => ofRounds(night, unit, shareOf),
    },
  ];
}

const roundsOf = (night: Night, { fault, sli }: Unit): readonly NightRecovery[] =>
  night.recoveries.filter((one) => one.fault === fault && one.sli === sli);

function gapOf(night: Night, unit: Unit): string | null {
  const why = gapOfNight(night);
  if (why !== null) return why;
  const faults = night.faults.filter((one) => withoutRound(one.name) === unit.fault);
  if (faults.length === 0) return `${unit.fault} was not in this night`;
  if (faults.some((one) => one.status === 'residue')) return `${unit.fault} was not undone`;
  if (roundsOf(night, unit).length > 0) return null;
  const untrue = faults.find((one) => one.whyNotInjected !== null)?.whyNotInjected;
  return typeof untrue === 'string'
    ? `${unit.fault} was not injected: ${untrue}`
    : `${unit.sli} was not watched after ${unit.fault}`;
}

function ofRounds(
  night: Night,
  unit: Unit,
  take: (rounds: readonly NightRecovery[]) => NightValue,
): NightValue {
  const why = gapOf(night, unit);
  if (why !== null) return gap(why);
  const whole = roundsOf(night, unit).filter(
    ({ status, sinceInjectedMs }) =>
      status !== 'censored' || (sinceInjectedMs ?? 0) >= WHOLE_WATCH * night.recoveryWatchMs,
  );
  return whole.length === 0 ? gap('the watch was cut short') : take(whole);
}

/** The middle round; those that had not recovered are the last. Of two in the middle their mean. */
function timeOf(rounds: readonly NightRecovery[]): NightValue {
  const order = ({ status, sinceInjectedMs }: NightRecovery): number =>
    status === 'censored' ? Number.POSITIVE_INFINITY : (sinceInjectedMs ?? 0);
  const sorted = rounds.toSorted(
    (a, b) => order(a) - order(b) || (a.sinceInjectedMs ?? 0) - (b.sinceInjectedMs ?? 0),
  );
  const [early, late] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (!(early && late && first && last)) return gap('no round');
  const msOf = (one: NightRecovery): number => one.sinceInjectedMs ?? 0;
  const openEnd = last.status === 'censored';
  if (late.status === 'censored')
    return {
      value: msOf(late),
      low: first.status === 'censored' ? null : msOf(first),
      high: null,
      censored: true,
      gap: null,
    };
  const low = Math.max(0, msOf(first) - first.boundMs);
  return {
    value: (msOf(early) + msOf(late)) / 2,
    low,
    high: openEnd ? null : msOf(last),
    censored: false,
    gap: null,
  };
}

function shareOf(rounds: readonly NightRecovery[]): NightValue {
  const recovered = rounds.filter((one) => one.status !== 'censored').length;
  const [low, high] = wilson(recovered, rounds.length);
  return { value: recovered / rounds.length, low, high, censored: false, gap: null };
}
