/**
 * The layers in which a Kafka recovers from a fault, in their usual order: its partitions take writes, what
 * the load writes is committed, its replicas are in sync, its consumers have their partitions, they are no
 * further behind than before, and the preferred replicas lead. A layer that did not hold before the fault, or
 * of which nothing is known, is not there.
 */
import { KAFKA_READING_MS, type KafkaLayer, type KafkaReading } from '../../core/kafka-state.ts';
import type { Observation } from '../probe-observations.ts';
import { type ConnectionQuestion, recoveryOfObservations } from '../probe-recovery.ts';
import type { LayerRecoveries } from './layer-parts.ts';
import { writtenAt } from './written.ts';

/** What was usual is known from this long before the act, and from at least so many readings. */
const USUAL_MS = 60_000;
const FEWEST = 3;
/** Lag is counted between two instants: what came since the last commit is no trouble. */
const LAG_MARGIN = 10;
const LAG_FACTOR = 1.5;

/** Undefined: the reading does not say. */
type Level = (reading: KafkaReading) => boolean | undefined;

export interface LayerQuestion extends ConnectionQuestion {
  /** When the act began. */
  readonly appliedAt: number;
}

export function kafkaLayers(readings: readonly KafkaReading[], question: LayerQuestion): LayerRecoveries {
  const usual = readings.filter(
    ({ at, tookMs }) => at >= question.appliedAt - USUAL_MS && at + tookMs <= question.appliedAt,
  );
  const whole = (read: (reading: KafkaReading) => number | null | undefined): Level => {
    return (reading) => {
      const found = read(reading);
      return found === null || found === undefined ? undefined : found === reading.partitions?.all;
    };
  };
  const partitions = whole((one) => one.partitions?.writable);
  const inSync = whole((one) => one.partitions?.inSync);
  // Without any answer nobody can write.
  const writable: Level = (one) => (one.partitions === null ? false : partitions(one));
  const { appliedAt, until } = question;
  const written = writtenAt(readings, { appliedAt, from: appliedAt - USUAL_MS, until });
  const layers: readonly (readonly [KafkaLayer, Level])[] = [
    ['writable', writable],
    ['written', (one) => written.get(one)],
    // What cannot be written to is not in sync, so that this layer is never back before the first.
    ['in sync', (one) => (writable(one) === false ? false : inSync(one))],
    ['groups stable', stable(usual)],
    ['lag back', lagBack(usual)],
    ['preferred leaders', whole((one) => one.partitions?.preferred)],
  ];
  return Object.fromEntries(
    layers.flatMap(([name, level]) => {
      const before = usual.map(level).filter((one) => one !== undefined);
      if (before.length < FEWEST || before.at(-1) !== true) return [];
      const observations = readings.flatMap((one): Observation[] => {
        const good = level(one);
        const times = { at: one.at, until: one.at + one.tookMs, everyMs: KAFKA_READING_MS };
        return good === undefined ? [] : [{ ...times, good }];
      });
      return [[name, recoveryOfObservations(observations, question).recovery]];
    }),
  );
}

/** Of the groups that were stable before. */
function stable(usual: readonly KafkaReading[]): Level {
  const known = namesIn(usual).filter((name) => usual.at(-1)?.groups[name]?.state === 'Stable');
  return ({ partitions, groups }) => {
    if (known.length === 0 || partitions === null) return undefined;
    return known.every((name) => groups[name]?.state === 'Stable');
  };
}

/** Of the groups whose lag did not grow before. */
function lagBack(usual: readonly KafkaReading[]): Level {
  const limits = new Map<string, number>();
  for (const name of namesIn(usual)) {
    const lags = usual.flatMap((one) => one.groups[name]?.lag ?? []);
    const half = Math.floor(lags.length / 2);
    const [early, late] = [lags.slice(0, half), lags.slice(half)];
    if (lags.length < FEWEST || Math.min(...late) > Math.max(...early) + LAG_MARGIN) continue;
    limits.set(name, Math.max(...lags) * LAG_FACTOR + LAG_MARGIN);
  }
  return ({ groups }) => {
    const lags = [...limits].map(([name, limit]) => {
      const lag = groups[name]?.lag;
      return lag === null || lag === undefined ? undefined : lag <= limit;
    });
    if (lags.length === 0 || (lags.includes(undefined) && !lags.includes(false))) return undefined;
    return lags.every((one) => one === true);
  };
}

const namesIn = (readings: readonly KafkaReading[]): readonly string[] => [
  ...new Set(readings.flatMap((one) => Object.keys(one.groups))),
];
