/**
 * Whether what the load writes is committed, by the ends of the partitions that it writes to: they are read
 * again and again, and what moved was committed. Times that records carry would not do: a record that was
 * made during an outage and committed after it has the time of the outage.
 */
import { KAFKA_READING_MS, type KafkaReading } from '../../core/kafka-state.ts';

/** Fewer commits before the act say nothing of how often there is one. */
const FEWEST = 5;
/** A partition without a commit for this many times its longest pause before the act is not written. */
const FACTOR = 2;
const LEAST_MS = 2 * KAFKA_READING_MS;
/** What is written more seldom shows an outage too late. */
const MOST_MS = 10_000;

export interface WrittenQuestion {
  /** When the act began. */
  readonly appliedAt: number;
  /** What was usual is known since then. */
  readonly from: number;
  readonly until: number;
}

/**
 * By reading: every partition that the load wrote to before goes on being written. Empty: there is none.
 * @param readings in their order.
 */
export function writtenAt(
  readings: readonly KafkaReading[],
  { appliedAt, from, until }: WrittenQuestion,
): ReadonlyMap<KafkaReading, boolean> {
  const own = readings.filter(({ at, ends }) => at >= from && at < until && ends !== undefined);
  const places = new Set(own.flatMap(({ ends = {} }) => Object.keys(ends)));
  const pauses = [...places].flatMap((place) => {
    const moved = commitsIn(own, place);
    const usual = moved.filter((at) => at < appliedAt);
    const limit = Math.max(LEAST_MS, FACTOR * longestPause(usual));
    if (usual.length < FEWEST || limit > MOST_MS) return [];
    return [pausesIn([...moved, own.at(-1)?.at ?? 0], limit)];
  });
  if (pauses.length === 0) return new Map();
  const isIn = (at: number): boolean =>
    pauses.some((one) => one.some((pause) => at > pause.from && at < pause.to));
  return new Map(own.map((one) => [one, one.at < appliedAt || !isIn(one.at)]));
}

/** When it was seen that something had been committed since the reading before. */
function commitsIn(readings: readonly KafkaReading[], place: string): readonly number[] {
  let before: number | undefined;
  return readings.flatMap(({ at, ends = {} }) => {
    const now = ends[place];
    if (now === undefined) return [];
    const isNew = before !== undefined && now > before;
    // Lower after an election that lost a part of it.
    before = now;
    return isNew ? [at] : [];
  });
}

const longestPause = (moved: readonly number[]): number =>
  moved.reduce((most, at, index) => Math.max(most, at - (moved[index - 1] ?? at)), 0);

interface Pause {
  readonly from: number;
  readonly to: number;
}

/** The last instant is the end of what is known: a pause that lasts is open there. */
const pausesIn = (moved: readonly number[], limit: number): readonly Pause[] =>
  moved.flatMap((to, index) => {
    const from = moved[index - 1];
    if (from === undefined || to - from <= limit) return [];
    return [{ from, to: index === moved.length - 1 ? Number.POSITIVE_INFINITY : to }];
  });
