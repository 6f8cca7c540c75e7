/**
 * When arrivals are due: the tick times of k6's two arrival-rate executors, to the nanosecond. Gives the
 * numbers of k6 2.2 (lib/executor/constant_arrival_rate.go and ramping_arrival_rate.go): tick g of a constant
 * rate is at trunc_ns(1/rate) × g from 0; event i of a ramp is where the area under the rate reaches i, from
 * 1.
 */
import type { ArrivalSchedule, Stage } from '../core/load-plan.ts';
import type { ShapeStep } from '../core/shape.ts';
import { type Ms, ms, type PerSecond, perSecond } from '../core/units.ts';

/** k6 takes whole numbers of arrivals per time unit. All rates of one schedule share the unit. */
export interface WholeRates {
  readonly unitMs: number;
  readonly startRate: number;
  readonly targets: readonly number[];
}

/** The tick times of one executor. Offsets are whole nanoseconds since the executor's start. */
export interface Ticks {
  /** Ticks in the whole schedule. Infinity for a constant rate: only the run's duration ends it. */
  readonly total: number;
  /** Tick 0 is the first; past `total` the answer is Infinity. */
  offsetNs(tick: number): number;
  /** How many ticks are due before an offset. */
  dueBefore(offsetNs: number): number;
}

const UNITS_MS: readonly number[] = [1000, 60_000, 3_600_000];
/**
 * For rates that are not whole in any of them (50/s split 4 : 3): 1000 h, where rounding changes a rate by
 * 1.4e-7/s.
 */
const FINEST_UNIT_MS = 3_600_000_000;
const NS_PER_MS = 1e6;

/**
 * The smallest of 1 s, 1 min, 1 h in which every rate is a whole number, otherwise 1000 h with the rates
 * rounded.
 */
export function wholeRates(schedule: ArrivalSchedule): WholeRates {
  const rates = [schedule.startRate, ...schedule.stages.map((stage) => stage.to)];
  // 20/m is stored as 0.333...; × 60 gives it back with an error in its last bits.
  const whole = (count: number): boolean => Math.abs(count - Math.round(count)) <= 1e-9 * Math.max(1, count);
  const unitMs =
    UNITS_MS.find((unit) => rates.every((rate) => whole((rate * unit) / 1000))) ?? FINEST_UNIT_MS;
  const [startRate, ...targets] = rates.map((rate) => Math.round((rate * unitMs) / 1000));
  return { unitMs, startRate: startRate ?? 0, targets };
}

/** When the stages end before the run does, adds a hold at their last rate. */
export function heldUntil(schedule: ArrivalSchedule, durationMs: Ms): ArrivalSchedule {
  const last = schedule.stages.at(-1);
  const staged = schedule.stages.reduce((sum, stage) => sum + stage.durationMs, 0);
  if (last === undefined || staged >= durationMs) return schedule;
  const hold = { to: last.to, durationMs: ms(durationMs - staged) };
  return { ...schedule, stages: [...schedule.stages, hold] };
}

/** Of a schedule as given: for stages that are held until the end, see {@link heldUntil}. */
export const ticksOf = (schedule: ArrivalSchedule): Ticks =>
  ticksOfRates(
    wholeRates(schedule),
    schedule.stages.map((stage) => stage.durationMs),
  );

/** @param durationsMs of the stages, one for each target. */
export const ticksOfRates = (rates: WholeRates, durationsMs: readonly number[]): Ticks =>
  rates.targets.length === 0 ? constantTicks(rates) : rampingTicks(rates, durationsMs);

/** Ticks due in `[0, durationMs)`. A tick exactly at the end is a race inside k6: it may run or not. */
export const dueTicks = (schedule: ArrivalSchedule, durationMs: number): number =>
  ticksOf(schedule).dueBefore(durationMs * NS_PER_MS);

function constantTicks(rates: WholeRates): Ticks {
  const period = Math.trunc((rates.unitMs * NS_PER_MS) / rates.startRate);
  return {
    total: Number.POSITIVE_INFINITY,
    offsetNs: (tick) => tick * period,
    dueBefore: (offset) => Math.max(0, Math.ceil(offset / period)),
  };
}

interface Piece {
  readonly startNs: number;
  readonly durNs: number;
  readonly from: number;
  readonly to: number;
  readonly doneBefore: number;
  readonly endCount: number;
}

function rampingTicks(rates: WholeRates, durationsMs: readonly number[]): Ticks {
  const pieces = piecesOf(rates, durationsMs);
  const total = Math.floor(pieces.at(-1)?.endCount ?? 0);
  const offsetNs = (tick: number): number => {
    const event = tick + 1;
    // Counts never decrease from piece to piece: a schedule may have thousands.
    let [low, high] = [0, pieces.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (event <= (pieces[middle]?.endCount ?? 0)) high = middle;
      else low = middle + 1;
    }
    const piece = pieces[low];
    return piece === undefined ? Number.POSITIVE_INFINITY : piece.startNs + Math.trunc(within(piece, event));
  };
  const dueBefore = (offset: number): number => {
    let [low, high] = [0, total];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (offsetNs(middle) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return { total, offsetNs, dueBefore };
}

function piecesOf(rates: WholeRates, durationsMs: readonly number[]): Piece[] {
  const unitNs = rates.unitMs * NS_PER_MS;
  const pieces: Piece[] = [];
  let [from, startNs, doneBefore] = [rates.startRate / unitNs, 0, 0];
  rates.targets.forEach((target, index) => {
    const to = target / unitNs;
    const durNs = (durationsMs[index] ?? 0) * NS_PER_MS;
    // The order of the operations is k6's: its last bits decide whether an event on a stage's edge exists.
    const endCount = doneBefore + (from === to ? durNs * to : durNs * ((to - from) / 2 + from));
    pieces.push({ startNs, durNs, from, to, doneBefore, endCount });
    [from, startNs, doneBefore] = [to, startNs + durNs, endCount];
  });
  return pieces;
}

/** The inverse of the area: how far into the piece the event is due, in ns with fractions. */
function within({ from, to, durNs, doneBefore }: Piece, event: number): number {
  if (from === to) return (event - doneBefore) / to;
  const square = durNs * (from * from * durNs + 2 * (event - doneBefore) * (to - from));
  return (from * durNs - Math.sqrt(Math.max(0, square))) / (from - to);
}

/**
 * A rate that follows the steps of a shape. Jumps are stages of length 0. After the last step nothing is due.
 */
export function shapedSchedule(rate: PerSecond, steps: readonly ShapeStep[]): ArrivalSchedule {
  const stages: Stage[] = [];
  const first = steps[0]?.from ?? 0;
  let level = first;
  const jump = (to: number): void => {
    if (to !== level) stages.push({ to: perSecond(rate * to), durationMs: ms(0) });
  };
  for (const step of steps) {
    jump(step.from);
    stages.push({ to: perSecond(rate * step.to), durationMs: step.lengthMs });
    level = step.to;
  }
  jump(0);
  return { startRate: perSecond(rate * first), stages };
}
