/**
 * The output of `--dry-run`: what would be done, to which victims, for how long, and how it would be undone.
 * Touches nothing.
 */
import type { FaultPlan } from '../../chaos/fault.ts';
import { sayActs } from '../../chaos/faults/explain.ts';
import { faultNamed } from '../../chaos/faults/registry.ts';
import type { TargetFile } from '../../config/read-target.ts';
import { stepsOf } from '../../core/fault-steps.ts';
import { insecureText } from '../../core/insecure-text.ts';
import type { FaultGroup, Plan, PlannedFault } from '../../core/plan.ts';
import { formatLength, formatMs } from '../../core/units.ts';
import { SOON_MS } from '../plan/plan-length.ts';
import { recordLines } from '../plan/plan-records.ts';
import { isOnThisMachine, sayRate, USUAL_CEILING } from './load-consent.ts';
import { liftedText, protectionText } from './protection-text.ts';
import { ownText, scriptText } from './script-text.ts';

export interface DryRun {
  readonly plan: Plan;
  readonly target: TargetFile;
  /** The current victims of the faults; null when the target is not up and may not be started. */
  readonly faults: readonly FaultPlan[] | null;
}

/** One line a flow, then what changes a rate. */
export function loadLines(plan: Plan): readonly string[] {
  const flows = plan.load.flatMap(({ scenario, script, flows, foreign, generators = 1 }) => [
    ...(foreign ? scriptText(script, foreign) : []),
    ...flows.map(({ flow, schedule, vus, worstStallMs, foreign: own }) => {
      if (own?.own) return `  ${flow} (${scenario}): ${ownText(own, own.own)}, ${vus} VUs`;
      const rate =
        schedule.stages.length === 0 ? `${schedule.startRate}/s` : `${schedule.stages.length} stages`;
      const by = generators === 1 ? '' : ` in ${generators} k6 processes`;
      return `  ${flow} (${scenario}): ${rate}, ${vus} VUs${by}, gives up after ${formatMs(worstStallMs)}`;
    }),
  ]);
  return [...flows, ...(plan.notes ?? []).map((note) => `  ${note}`), ...rateText(plan)];
}

export function dryRunText({ plan, target, faults: planned }: DryRun): string {
  const first = plan.faults.filter((fault) => fault.round === 1);
  const faults = stepsOf(first).flatMap(({ group, members }) => [
    ...(group === null
      ? []
      : [
          groupText(
            group.how,
            members.map((one) => one.name),
          ),
        ]),
    ...members.flatMap((fault) => [...describeFault(fault), ...victimsNow(planned?.[first.indexOf(fault)])]),
  ]);
  const { optIn, hours, load: allowed } = target.policy;
  const ceiling = allowed.maxRate ?? (isOnThisMachine(target) ? null : USUAL_CEILING);
  return [
    `Plan of campaign ${plan.campaign} on target ${plan.target} (${target.platform}), seed ${plan.seed}. Nothing was touched.`,
    `Policy: faults ${optIn ? 'allowed' : 'REFUSED (policy.optIn is not true)'}, protected: ${protectionText(target.policy)}${liftedText(target.policy)}, hours: ${hours}, ` +
      `load: ${ceiling === null ? 'no ceiling' : `at most ${sayRate(ceiling)}`}`,
    'Load:',
    ...loadLines(plan),
    ...recordLines(plan),
    ...timeline(plan),
    plan.faults.length === 0
      ? 'No faults.'
      : `Faults, one after another${plan.repeat > 1 ? `, ${plan.repeat} rounds with a new draw each` : ''}:`,
    ...faults,
    `Recovery: back for ${formatMs(plan.recovery.holdMs)}, at most ${formatMs(plan.recovery.timeoutMs)} each`,
    ...plan.abort.map((one) => `Aborts when ${one.text}`),
    'Objectives:',
    ...[...plan.objectives, ...(plan.audit?.goals ?? [])].map(
      (one) => `  ${one.name}${one.source === null ? '' : `   (${one.source})`}`,
    ),
    ...[...(plan.warnings ?? []), insecureText(plan) ?? []].flat().map((warning) => `  WARNING: ${warning}`),
    lengthText(plan),
  ].join('\n');
}

/** Before the search the rates above are ceilings, and a baseline may become longer for its samples. */
function rateText({ rateSearch }: Plan): readonly string[] {
  if (rateSearch === undefined) return [];
  const names = rateSearch.scenarios.join(', ');
  return [
    `  The rates of ${names} are ceilings: the run first climbs for at most 40 s, takes at most half of what holds,\n` +
      '  and lengthens the baseline where an objective needs more samples at that rate.',
  ];
}

/**
 * The longest time is far above the usual one: each proof and watch has a time limit that it seldom needs.
 */
export function lengthText({ shape, faults, expectedMs, longestMs, loadBoundMs }: Plan): string {
  const given =
    faults.length > 0
      ? `, if the system is back ${formatMs(SOON_MS)} after each fault`
      : shape?.search
        ? ', if the search climbs to its last step'
        : '';
  const bound =
    loadBoundMs === undefined
      ? ''
      : ` The load lasts until the run is over; at the latest it ends by itself after ${formatLength(loadBoundMs)}.`;
  const about = expectedMs === undefined ? 'At' : `About ${formatLength(expectedMs)}${given}; at`;
  return `${about} most ${formatLength(longestMs)}, if every wait takes its whole time limit.${bound}`;
}

const groupText = (how: FaultGroup['how'], names: readonly string[]): string =>
  how === 'together'
    ? `  ${names.join(' and ')} together: none before all are ready, all undone when one fails; one recovery watch after the last:`
    : `  ${names.join(' then ')}: without a recovery watch in between; it follows the last:`;

export function timeline(plan: Plan): readonly string[] {
  if (plan.untilLoadEnds)
    return [`Warm-up ${formatMs(plan.warmupMs)}; the baseline ends when the scripts have ended`];
  const { shape } = plan;
  if (shape === null) return [`Warm-up ${formatMs(plan.warmupMs)}, baseline ${formatMs(plan.baselineMs)}`];
  const percent = (level: number): string => `${Number((level * 100).toFixed(2))} %`;
  return [
    'Shape:',
    ...shape.steps.map(({ phase, from, to, lengthMs }) => {
      const level = from === to ? `at ${percent(to)}` : `from ${percent(from)} to ${percent(to)}`;
      return `  ${phase}: ${level} of the rates for ${formatMs(lengthMs)}`;
    }),
  ];
}

/** The current state; the victim is chosen again when the fault fires. */
export function victimsNow(plan: FaultPlan | null | undefined): readonly string[] {
  if (plan === undefined || plan === null)
    return ['    victim: not known, the target is not up and a dry run starts nothing'];
  return [
    `    victim now: ${plan.victim}`,
    `    touches: ${plan.touches.join(', ') || 'nothing'}`,
    `    permissions: ${plan.permissions.join(', ') || 'none'}`,
    ...plan.timers.map((timer) => `    timer: ${timer}`),
  ];
}

/** One fault before its victim is chosen: what it needs and how it is undone. */
export function describeFault(fault: PlannedFault): readonly string[] {
  const kind = faultNamed(fault.kind);
  return [
    `  ${fault.name}: ${fault.written}`,
    `    held: ${fault.holdMs === null ? 'over when done' : formatMs(fault.holdMs)}; victim chosen when it fires`,
    `    needs: ${sayActs(kind)}`,
    `    undo: ${kind.undone}`,
  ];
}
