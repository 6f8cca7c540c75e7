/**
 * The rate that a target and this machine sustain, judged from the levels of a staircase. A level that is
 * missed once may have had a cold start or a noisy neighbour: it is accepted when the next, higher one holds.
 * Two misses in a row end the search.
 */
import { LEAST_RATE, type RateFound, type RateLevel } from '../core/rate-search.ts';

/** A run uses at most this share of the rate that holds: recovery from a fault needs spare capacity. */
const MARGIN = 0.5;
/** Of the ceiling: the level that must hold for a run at the ceiling. */
export const HIGHEST_LEVEL = 1 / MARGIN;
/** The levels differ by this ratio, or there are this many levels. */
const STEP = 1.3;
const MOST_LEVELS = 12;

/**
 * Shares of the ceiling that are tried, in order and in equal ratios: from the lowest that still allows a run
 * after the margin, to the one that must hold for a run at the ceiling. 0.2 to 2 in ten levels for a ceiling
 * of 100/s.
 * @param ceiling of the largest rate that is searched, per second; at least {@link LEAST_RATE}.
 */
export function levelsFor(ceiling: number): readonly number[] {
  const lowest = LEAST_RATE / MARGIN / ceiling;
  const count = Math.min(MOST_LEVELS, Math.ceil(Math.log(HIGHEST_LEVEL / lowest) / Math.log(STEP)) + 1);
  if (count <= 1) return [HIGHEST_LEVEL];
  return Array.from(
    { length: count },
    (_, index) => lowest * (HIGHEST_LEVEL / lowest) ** (index / (count - 1)),
  );
}

/** The share of failures allowed at a rate that holds. */
const MOST_BAD = 0.02;
/**
 * Above this share of its CPUs, a machine that also runs k6 measures its own queue. At half the rate that
 * causes this load it has spare CPU.
 */
const MOST_CPU = 0.92;
/** P95 of a flow, as a share of its time limit. */
const MOST_P95_OF_LIMIT = 0.1;

export interface SeenFlow {
  readonly due: number;
  /** Failed, dropped or interrupted. */
  readonly bad: number;
  readonly p95Ms: number | null;
  readonly timeLimitMs: number;
}

/** @param seconds the length of the measured interval. */
export function judgeLevel(
  share: number,
  flows: readonly SeenFlow[],
  cpuBusyRatio: number,
  seconds: number,
): RateLevel {
  const due = flows.reduce((sum, flow) => sum + flow.due, 0);
  const badRatio = due === 0 ? 0 : flows.reduce((sum, flow) => sum + flow.bad, 0) / due;
  const p95s = flows.flatMap((flow) => (flow.p95Ms === null ? [] : [flow.p95Ms]));
  const slow = flows.find((flow) => (flow.p95Ms ?? 0) > flow.timeLimitMs * MOST_P95_OF_LIMIT);
  const percent = (value: number): string => `${Math.round(value * 100)} %`;
  const missed =
    due === 0
      ? 'nothing was due'
      : badRatio > MOST_BAD
        ? `${percent(badRatio)} of the arrivals failed`
        : slow !== undefined
          ? `P95 was ${Math.round(slow.p95Ms ?? 0)} ms, above ${Math.round(slow.timeLimitMs * MOST_P95_OF_LIMIT)} ms`
          : null;
  return {
    share,
    dueRate: due / seconds,
    badRatio,
    p95Ms: p95s.length === 0 ? null : Math.max(...p95s),
    cpuBusyRatio,
    missed,
  };
}

const isFull = ({ cpuBusyRatio }: RateLevel): boolean => cpuBusyRatio > MOST_CPU;

/**
 * Whether the search is over: two levels in a row were missed, three in a row saturated this machine or were
 * missed, or the last one was tried. A saturated machine that still answers in time has carried the level,
 * but the next levels would measure the machine.
 * @param count of all levels.
 */
export function isSearchOver(levels: readonly RateLevel[], count: number): boolean {
  const last = (some: number, is: (one: RateLevel) => boolean): boolean =>
    levels.length >= some && levels.slice(-some).every(is);
  return (
    levels.length === count ||
    last(2, (one) => one.missed !== null) ||
    last(3, (one) => one.missed !== null || isFull(one))
  );
}

/**
 * @param ceilings the rates as written, per second, by scenario.
 * @returns a share of 0 when no rate of at least {@link LEAST_RATE} for the largest ceiling is within the
 * margin.
 */
export function rateFound(levels: readonly RateLevel[], ceilings: ReadonlyMap<string, number>): RateFound {
  const held = levels.filter((one) => one.missed === null);
  const carriedShare = Math.max(0, ...held.map((one) => one.share));
  const missed = levels.find((one) => one.missed !== null && one.share > carriedShare);
  const share = Math.min(1, carriedShare * MARGIN);
  const rates = (factor: number): string =>
    [...ceilings].map(([name, rate]) => `${name} ${round(rate * factor)}/s`).join(' + ');
  const highest = levels.at(-1);
  const full = highest && isFull(highest) && highest.share < HIGHEST_LEVEL ? highest.cpuBusyRatio : null;
  const limit =
    missed !== undefined
      ? `at the next, ${missed.missed}`
      : full === null
        ? 'the highest that was tried'
        : `there the CPUs of this machine were ${Math.round(full * 100)} % busy`;
  const carried = carriedShare === 0 ? 'no rate held' : `${rates(carriedShare)} held`;
  if (share * Math.max(...ceilings.values()) < LEAST_RATE * (1 - 1e-9)) {
    const why = `${carried} (${limit}); a run needs twice ${LEAST_RATE}/s`;
    return { carriedShare, share: 0, why, levels };
  }
  const why =
    share === 1
      ? `${rates(1)}: the ceiling, at most half of what held (${rates(carriedShare)})`
      : `${rates(share)}: half of what held (${rates(carriedShare)}; ${limit})`;
  return { carriedShare, share, why, levels };
}

const round = (rate: number): number => Number(rate.toPrecision(3));
