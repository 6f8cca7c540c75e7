/**
 * Surplus VUs idle, so that the active ones keep their connections warm. k6 gives arrivals to idle VUs in
 * turn (lib/executor: one channel that all of them wait on, first come first served). With rate × time limit
 * VUs each connection would idle for the whole time limit, and a server that closes idle ones after 5 s would
 * close them all. The schedule of arrivals does not change: a run with a reserve begins with a muster, ticks
 * of k6 that are not arrivals and that fill the reserve.
 */
import type { ArrivalSchedule, FlowLoad, Stage } from '../core/load-plan.ts';
import { type Ms, ms, type PerSecond, perSecond } from '../core/units.ts';
import { heldUntil, type Ticks, ticksOf } from './schedule.ts';
import { type Segment, ticksOfSegment } from './segments.ts';

/**
 * Waiting VUs are enough for this long without any answer; half of it is left when the idle ones notice. It
 * is also how long a connection idles between two arrivals. With 0.5, a k6 process that had not run for half
 * a second, and then had 50 ticks of 100/s at once, dropped one (observed on a busy machine).
 */
const READY_S = 1;
const LEAST_READY = 2;
/** A rising rate is prepared this long in advance. */
const AHEAD_MS = 2000;
/** Steps of the table that every VU has: longer runs get longer steps, each with its highest rate. */
const MOST_STEPS = 256;
/** k6 hands out a tick in about 50 µs of one core: the muster takes at most a quarter of that. */
const MUSTER_PER_S = 5000;
const SHORTEST_MUSTER_MS = 200;
/** Late ticks of the muster run in this time, before the first arrival is due. */
const PAUSE_MS = 300;

/** How many VUs wait for an arrival, until an instant of the schedule. */
export interface ReadyStep {
  readonly untilMs: number;
  readonly vus: number;
}

/** The parameters that the script needs. Counts are those of one process. */
export interface Reserve {
  /** This many first iterations are not arrivals: their VUs idle. */
  readonly mustered: number;
  /** When the first arrival is due, since the start of the executor. */
  readonly startMs: number;
  readonly ready: readonly ReadyStep[];
}

/**
 * The ticks of one k6 process that are arrivals; offsets count from the beginning of the schedule, after the
 * muster.
 */
export function arrivalTicks(flow: FlowLoad, durationMs: Ms, segment: Segment): Ticks {
  if (!hasReserve(flow)) return ticksOfSegment(ticksOf(heldUntil(flow.schedule, durationMs)), segment);
  const all = ticksOfSegment(ticksOf(withMuster(flow, durationMs)), segment);
  const startNs = startMs(flow) * 1e6;
  const mustered = musteredIn(all, flow);
  return {
    total: all.total - mustered,
    offsetNs: (tick) => all.offsetNs(tick + mustered) - startNs,
    dueBefore: (offset) => Math.max(0, all.dueBefore(offset + startNs) - mustered),
  };
}

/**
 * Whether some VUs of the flow idle. Not where the shortest stall needs all of them, or where the script
 * cannot do it.
 */
export const hasReserve = (flow: FlowLoad): boolean =>
  flow.standsBy === true && readyFor(peakOf(flow.schedule)) < flow.vus;

export function reserveOf(flow: FlowLoad, durationMs: Ms, segment: Segment): Reserve | undefined {
  if (!hasReserve(flow)) return undefined;
  const all = ticksOfSegment(ticksOf(withMuster(flow, durationMs)), segment);
  const ready = readySteps(flow.schedule, durationMs).map(({ untilMs, vus }) => ({
    untilMs,
    vus: Math.ceil(Math.min(vus, flow.vus) / segment.of),
  }));
  return { mustered: musteredIn(all, flow), startMs: startMs(flow), ready };
}

/**
 * The schedule that k6 runs: at least one tick for each VU, a pause, then the arrivals. Jumps are stages of
 * length 0.
 */
export function withMuster(flow: FlowLoad, durationMs: Ms): ArrivalSchedule {
  const { startRate, stages } = heldUntil(flow.schedule, durationMs);
  const rate = musterRate(flow.vus);
  const hold: Stage = { to: startRate, durationMs };
  return {
    startRate: rate,
    stages: [
      { to: rate, durationMs: musterMs(flow.vus) },
      { to: perSecond(0), durationMs: ms(0) },
      { to: perSecond(0), durationMs: ms(PAUSE_MS) },
      { to: startRate, durationMs: ms(0) },
      ...(stages.length === 0 ? [hold] : stages),
    ],
  };
}

const musterRate = (vus: number): PerSecond =>
  perSecond(Math.min(MUSTER_PER_S, Math.ceil((vus * 1000) / SHORTEST_MUSTER_MS)));
/** One tick more than VUs: rounding decides whether the last one falls on the edge of the stage. */
const musterMs = (vus: number): Ms => ms(Math.ceil(((vus + 1) * 1000) / musterRate(vus)));
const startMs = ({ vus }: FlowLoad): number => musterMs(vus) + PAUSE_MS;
const musteredIn = (ticks: Ticks, { vus }: FlowLoad): number =>
  ticks.dueBefore((musterMs(vus) + PAUSE_MS / 2) * 1e6);

const readyFor = (rate: number): number => Math.max(LEAST_READY, Math.ceil(rate * READY_S));
/** The highest rate of a schedule, per second. */
export const peakOf = ({ startRate, stages }: ArrivalSchedule): number =>
  Math.max(startRate, ...stages.map((stage) => stage.to));

/** By the highest rate from the beginning of each step until a little after its end. */
export function readySteps(schedule: ArrivalSchedule, durationMs: Ms): ReadyStep[] {
  const { startRate, stages } = heldUntil(schedule, durationMs);
  if (stages.length === 0) return [{ untilMs: durationMs, vus: readyFor(startRate) }];
  const wholeMs = stages.reduce((sum, stage) => sum + stage.durationMs, 0);
  const widthMs = Math.max(1000, Math.ceil(wholeMs / MOST_STEPS));
  const steps: ReadyStep[] = [];
  let [first, firstAt, before] = [0, 0, startRate as number];
  for (let from = 0; from < wholeMs; from += widthMs) {
    const until = from + widthMs;
    // Stages that ended before this step do not affect later ones.
    for (let stage = stages[first]; stage && firstAt + stage.durationMs < from; stage = stages[first]) {
      [firstAt, before, first] = [firstAt + stage.durationMs, stage.to, first + 1];
    }
    let [peak, at] = [before, firstAt];
    for (let next = first; next < stages.length && at <= until + AHEAD_MS; next += 1) {
      const stage = stages[next] as Stage;
      peak = Math.max(peak, stage.to);
      at += stage.durationMs;
    }
    const vus = readyFor(peak);
    const last = steps.at(-1);
    if (last?.vus === vus) steps.pop();
    steps.push({ untilMs: until, vus });
  }
  return steps;
}

const HEADROOM = 1.1;

/**
 * How many VUs a flow needs so that k6 drops no arrival while the target stalls: rate × worst stall (Little's
 * law with the longest time a request can take), and one in ten more for jitter. Fewer VUs would turn a slow
 * target into dropped arrivals (docs/measuring.md).
 */
export const vusNeeded = (schedule: ArrivalSchedule, worstStall: Ms): number =>
  Math.max(1, Math.ceil((peakOf(schedule) * worstStall * HEADROOM) / 1000));
