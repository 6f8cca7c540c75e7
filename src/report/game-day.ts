/** A run as the report of a game day: each fault of each round is one scenario. */
import { serviceOfFault } from '../core/fault-service.ts';
import { faultOfPhase, withoutRound } from '../core/fault-steps.ts';
import type { GameDay, GameDayOutcome, GameDayResult } from '../core/game-day.ts';
import { gameDayId } from '../core/game-day-id.ts';
import { plain } from '../core/plain.ts';
import type { FaultInRound } from '../core/plan.ts';
import { type FaultRecord, type ObjectiveResult, whyNotInjected } from '../core/result.ts';
import type { Reason } from '../core/verdict.ts';
import { formatRecovery } from './format.ts';
import type { ReportInput } from './input.ts';
import { reasonsWorstFirst, sliName, splitSlis } from './rows.ts';

/** Ends with one line break. */
export const gameDayJson = (input: ReportInput, executedBy: string | null): string =>
  `${JSON.stringify(gameDay(input, executedBy), null, 2)}\n`;

/** @param executedBy null: nobody was named. */
export function gameDay(input: ReportInput, executedBy: string | null): GameDay {
  const { run } = input.result;
  const results = resultsOf(input);
  const successful = results.filter((one) => one.success).length;
  const failed = results.length - successful;
  return {
    game_day_id: gameDayId(run.startedAt),
    ...{ start_time: withOffset(run.startedAt), end_time: withOffset(run.endedAt) },
    duration_seconds: seconds(lengthMs(input)),
    environment: plain(run.target),
    executed_by: executedBy === null ? null : plain(executedBy),
    summary: {
      ...{ total_scenarios: results.length, successful, failed },
      success_rate: results.length === 0 ? 0 : (successful / results.length) * 100,
    },
    results,
  };
}

function lengthMs({ result: { run } }: ReportInput): number {
  const lasted = Date.parse(run.endedAt) - Date.parse(run.startedAt);
  return Number.isNaN(lasted) ? 0 : lasted;
}

/** What is wrong beside the faults is a scenario of its own: without it the report would have no failure. */
const WHOLE = 'run';

function resultsOf(input: ReportInput): readonly GameDayResult[] {
  const { faults, verdict, run } = input.result;
  const planned = input.plan.faults.map((fault) => resultOf(fault, faults, input));
  const beside = reasonsWorstFirst(verdict.reasons).filter(
    (one) => one.status !== 'PASS' && !isOfAFault(one, input),
  );
  // Nothing of an untrusted measurement is a success.
  const isVoid = verdict.status === 'INVALID' || verdict.status === 'RESIDUE';
  const why = beside.map(reasonText);
  const results = planned.map((one) =>
    isVoid && one.success && 'issues' in one
      ? { ...one, success: false, issues: [...one.issues, ...why] }
      : one,
  );
  if (beside.length === 0) return results;
  const whole = { scenario: WHOLE, target: plain(run.target), success: false };
  return [
    { ...whole, duration_seconds: seconds(lengthMs(input)), recovery_time_seconds: null, issues: why },
    ...results,
  ];
}

function resultOf(fault: FaultInRound, records: readonly FaultRecord[], input: ReportInput): GameDayResult {
  const record = records.find((one) => one.name === fault.name);
  const scenario = plain(fault.name);
  const target = plain(serviceOfFault(fault) ?? record?.victim.replace(/ \(.*\)$/, '') ?? '');
  const why = record === undefined ? 'the run ended before it' : whyNotInjected(record);
  if (record === undefined || why !== null)
    return {
      scenario,
      target,
      success: false,
      error: record ? `not injected: ${plain(why ?? '')}` : String(why),
    };
  const issues = issuesOf(record, input);
  return {
    ...{ scenario, target, success: issues.length === 0 },
    ...{ duration_seconds: durationOf(record, input), recovery_time_seconds: recoveryOf(record), issues },
  };
}

/** Every reason why it is not a success; empty: it is. */
function issuesOf(record: FaultRecord, { result }: ReportInput): readonly string[] {
  const { degraded } = splitSlis(record);
  const open = degraded.filter((one) => one.recovery.status === 'censored');
  const names = [record.name, ...(record.group ? [record.group.name] : [])].map(withoutRound);
  const missed = result.objectives.filter(
    (one) => one.status !== 'PASS' && names.includes(faultJudged(one) ?? ''),
  );
  return [
    ...(record.removedAt === null
      ? [`not proven removed: ${record.removal?.evidence ?? 'no evidence'}`]
      : []),
    ...(record.cutShort ? [`ended early: ${record.cutShort}`] : []),
    ...open.map((one) => `${sliName(one)} not recovered (${formatRecovery(one.recovery, 'injected')})`),
    ...degraded
      .filter((one) => one.recovery.relapsedAtMs !== undefined)
      .map((one) => `${sliName(one)} recovered, and bad again when the watch ended`),
    ...missed.map((one) => `${one.status}: ${one.name}${one.note === null ? '' : ` (${one.note})`}`),
  ].map(plain);
}

/** The slowest service level. Null: one had not recovered when the watch ended, so that nobody knows. */
function recoveryOf(record: FaultRecord): GameDayOutcome['recovery_time_seconds'] {
  const { degraded } = splitSlis(record);
  const times = degraded.map(({ recovery }) =>
    recovery.status === 'censored' ? null : recovery.sinceInjectedMs,
  );
  return times.includes(null) ? null : seconds(Math.max(0, ...times.map(Number)));
}

/** From the act to the end of its watch. */
function durationOf(record: FaultRecord, { result }: ReportInput): number {
  const names = [record.name, record.group?.name].map((name) => `recovery:${name}`);
  const begin = record.appliedAt ?? record.plannedAt ?? 0;
  const watched = result.phases.find((one) => names.includes(one.name))?.to;
  return seconds(Math.max(0, (watched ?? record.removedAt ?? begin) - begin));
}

/** Without its round; null: an objective on an undisturbed phase. */
const faultJudged = ({ phase }: Pick<ObjectiveResult, 'phase'>): string | null =>
  /^after (.+)$/.exec(phase)?.[1] ?? faultOfPhase(phase)?.name ?? null;

/** Reasons that a result of a fault has as its own issues. */
const isOfAFault = ({ text }: Reason, { plan, result }: ReportInput): boolean =>
  plan.faults.some((one) => text.startsWith(`${one.name}: `)) ||
  result.objectives.some((one) => faultJudged(one) !== null && text.startsWith(`${one.name}: `));

const reasonText = ({ status, text }: Reason): string => plain(`${status}: ${text}`);

const seconds = (value: number): number => Number((value / 1000).toFixed(3));

/** Older parsers of ISO times do not know the Z. */
const withOffset = (iso: string): string => iso.replace(/Z$/, '+00:00');
