/**
 * Consent to load, asked as that to faults: the sandbox and the addresses of this machine take it, every
 * other target only when its own file allows it, within its hours, and never above its ceiling. A flag of the
 * command line raises none of that.
 */
import { hoursProblem } from '../../chaos/guards/hours.ts';
import type { TargetFile } from '../../config/read-target.ts';
import { addressOf, isLoopback } from '../../core/address.ts';
import type { Problem } from '../../core/errors.ts';
import { type ArrivalSchedule, type ScenarioLoad, timesRate } from '../../core/load-plan.ts';
import type { Plan } from '../../core/plan.ts';
import { type EpochMs, type PerSecond, perSecond } from '../../core/units.ts';
import { HIGHEST_LEVEL } from '../../measure/carried-rate.ts';

/** Of a target that is elsewhere and whose file names no ceiling: arrivals of all flows together. */
export const USUAL_CEILING: PerSecond = perSecond(100);

/** Whether load stays on this machine. A cluster does not, whatever port-forward leads to it. */
export function isOnThisMachine(target: TargetFile): boolean {
  if (target.platform !== 'none') return target.platform === 'sandbox';
  const { gateway, specialists, kafka, redis } = target;
  const written = [
    ...(gateway ? [gateway.url] : []),
    ...Object.values(specialists),
    ...(kafka?.brokers ?? []).flatMap(({ client, controller }) => [client, controller ?? []].flat()),
    ...(redis ? [redis.url] : []),
  ];
  return written.every((one) => isLoopback(addressOf(one, 1).host));
}

/** Every reason why this load must not be sent there now; none when it may. */
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
      next: 'Its owner allows load there: policy: { load: { optIn: true, maxRate: 100/s } }.',
    });
  }
  if (!isHere) problems.push(...hoursProblem(target.policy.hours, wall, plan.longestMs));
  const ceiling = maxRate ?? (isHere ? null : USUAL_CEILING);
  const peak = highestRate(plan);
  // Shares of a rate come back with an error in their last bits.
  if (ceiling !== null && peak > ceiling * (1 + 1e-9)) {
    const by = maxRate === null ? 'without policy.load.maxRate' : 'policy.load.maxRate';
    const scaled = plan.scale === 1 ? '' : ` with --scale ${plan.scale}`;
    problems.push({
      subject,
      expected: `at most ${sayRate(ceiling)} in all (${by})`,
      got: `${sayRate(peak)}${scaled}`,
      next: 'Ask for less. Only its owner raises the ceiling, in the target file.',
    });
  }
  return problems;
}

/** The most that is sent at once, the climb of a search for the rate included. */
export const highestRate = (plan: Pick<Plan, 'load' | 'rateSearch'>): PerSecond =>
  peakRate(plan.load.map((one) => atItsHighest(one, plan)));

/** A search for the rate climbs above the ceiling that its campaign wrote. */
function atItsHighest(load: ScenarioLoad, { rateSearch }: Pick<Plan, 'rateSearch'>): ScenarioLoad {
  if (rateSearch?.found !== null || !rateSearch.scenarios.includes(load.scenario)) return load;
  const flows = load.flows.map((flow) => ({ ...flow, schedule: timesRate(flow.schedule, HIGHEST_LEVEL) }));
  return { ...load, flows };
}

export const sayRate = (rate: number): string =>
  `${rate.toLocaleString('en-US', { maximumFractionDigits: 2 })}/s`;

/**
 * The most arrivals per second that all flows together come to: rates are straight between the ends of their
 * stages.
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

/** At a jump the higher of the two; after the last stage its rate is held. */
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
