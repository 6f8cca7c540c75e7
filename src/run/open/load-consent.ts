/**
 * Consent to load, as for faults: the sandbox and the addresses of this machine accept it, every other target
 * only when its own file allows it, within its hours, and never above its ceiling. No command line flag
 * raises any of these.
 */
import { hoursProblem } from '../../chaos/guards/hours.ts';
import type { TargetFile } from '../../config/read-target.ts';
import { addressOf, isLoopback } from '../../core/address.ts';
import type { Problem } from '../../core/errors.ts';
import { type ArrivalSchedule, type ScenarioLoad, timesRate } from '../../core/load-plan.ts';
import type { Plan } from '../../core/plan.ts';
import { type EpochMs, type PerSecond, perSecond } from '../../core/units.ts';
import { HIGHEST_LEVEL } from '../../measure/carried-rate.ts';

/** For a remote target whose file sets no ceiling: arrivals of all flows together. */
export const USUAL_CEILING: PerSecond = perSecond(100);

/** Whether load stays on this machine. A cluster is remote even through a port-forward. */
export function isOnThisMachine(target: TargetFile): boolean {
  if (target.platform !== 'none') return target.platform === 'sandbox';
  const written = Object.values(target.addresses).flatMap((one) =>
    Object.values(one).flatMap((at) => at ?? []),
  );
  const all = written.flatMap(({ address, controller }) => [address, controller ?? []].flat());
  return all.every((one) => isLoopback(addressOf(one, 1).host));
}

/** Every reason against sending this load there now; empty when it is allowed. */
export function loadProblems(
  plan: Pick<Plan, 'load' | 'scale' | 'longestMs' | 'rateSearch'>,
  target: TargetFile,
  wall: EpochMs,
): readonly Problem[] {
  const { optIn, maxRate } = target.policy.load;
  const subject = `load on target ${target.name}`;
  const isHere = isOnThisMachine(target);
  const problems: Problem[] = [];
  if (!isHere && !optIn) {
    problems.push({
      subject,
      expected: 'policy.load.optIn: true in its target file, because it is not on this machine',
      got: 'false',
      next: 'Its owner allows load there with policy: { load: { optIn: true, maxRate: 100/s } }.',
    });
  }
  if (!isHere) problems.push(...hoursProblem(target.policy.hours, wall, plan.longestMs));
  const ceiling = maxRate ?? (isHere ? null : USUAL_CEILING);
  const peak = highestRate(plan);
  const closed = plan.load.flatMap((one) => one.flows.filter((flow) => flow.foreign?.model === 'closed'));
  if (ceiling !== null && closed.length > 0) {
    problems.push({
      subject,
      expected: `a rate for each flow, because at most ${sayRate(ceiling)} are allowed`,
      got: `the closed model of ${closed.map((one) => one.flow).join(', ')}, whose rate has no bound`,
      next: 'Write rate: and exec: next to the script.',
    });
  }
  // Shares of a rate come back with an error in their last bits.
  if (ceiling !== null && peak > ceiling * (1 + 1e-9)) {
    const by = maxRate === null ? 'without policy.load.maxRate' : 'policy.load.maxRate';
    const scaled = plan.scale === 1 ? '' : ` with --scale ${plan.scale}`;
    problems.push({
      subject,
      expected: `at most ${sayRate(ceiling)} in all (${by})`,
      got: `${sayRate(peak)}${scaled}`,
      next: 'Lower the rate. Only the owner of the target may raise the ceiling, in the target file.',
    });
  }
  return problems;
}

/** The highest rate that is sent, including the climb of a rate search. */
export const highestRate = (plan: Pick<Plan, 'load' | 'rateSearch'>): PerSecond =>
  peakRate(plan.load.map((one) => atItsHighest(one, plan)));

/** A rate search climbs above the ceiling in its campaign. */
function atItsHighest(load: ScenarioLoad, { rateSearch }: Pick<Plan, 'rateSearch'>): ScenarioLoad {
  if (rateSearch?.found !== null || !rateSearch.scenarios.includes(load.scenario)) return load;
  const flows = load.flows.map((flow) => ({ ...flow, schedule: timesRate(flow.schedule, HIGHEST_LEVEL) }));
  return { ...load, flows };
}

export const sayRate = (rate: number): string =>
  `${rate.toLocaleString('en-US', { maximumFractionDigits: 2 })}/s`;

/**
 * The highest sum of arrivals per second over all flows: rates are linear between the ends of their stages.
 */
export function peakRate(load: readonly ScenarioLoad[]): PerSecond {
  const schedules = load.flatMap((one) => one.flows.map((flow) => flow.schedule));
  const ends = [0, ...schedules.flatMap((one) => cornersOf(one).map((corner) => corner.at))];
  return perSecond(
    Math.max(...ends.map((at) => schedules.reduce((sum, one) => sum + highestAt(one, at), 0))),
  );
}

interface Corner {
  readonly at: number;
  readonly rate: number;
}

function cornersOf({ startRate, stages }: ArrivalSchedule): readonly Corner[] {
  let at = 0;
  return [
    { at: 0, rate: startRate },
    ...stages.map((stage) => {
      at += stage.durationMs;
      return { at, rate: stage.to };
    }),
  ];
}

/** At a jump the higher of the two; the last stage's rate is held. */
function highestAt(schedule: ArrivalSchedule, at: number): number {
  const corners = cornersOf(schedule);
  const exact = corners.filter((one) => one.at === at);
  if (exact.length > 0) return Math.max(...exact.map((one) => one.rate));
  const next = corners.findIndex((one) => one.at > at);
  const [before, after] = [corners[next < 0 ? corners.length - 1 : next - 1], corners[next]];
  if (before === undefined) return 0;
  if (after === undefined) return before.rate;
  return before.rate + ((after.rate - before.rate) * (at - before.at)) / (after.at - before.at);
}
