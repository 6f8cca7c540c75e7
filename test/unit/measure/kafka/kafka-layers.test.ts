import { describe, expect, it } from 'vitest';
import type { KafkaReading } from '../../../../src/core/kafka-state.ts';
import { kafkaLayers } from '../../../../src/measure/kafka/kafka-layers.ts';
import { partitionsOf } from '../../../../src/targets/kafka-state/kafka-state.ts';

const [APPLIED, REMOVED, UNTIL] = [60_000, 70_000, 120_000];
const question = {
  ...{ appliedAt: APPLIED, injectedAt: APPLIED, removedAt: REMOVED, until: UNTIL, holdMs: 5000 },
};
const whole = { all: 6, writable: 6, inSync: 6, preferred: 6 };
const calm = { readers: { state: 'Stable', lag: 4 } };

/** Every half second; `change` says what is different at an instant. */
const readings = (change: (at: number) => Partial<KafkaReading>): readonly KafkaReading[] =>
  Array.from({ length: UNTIL / 500 }, (_, index) => {
    const at = index * 500;
    return { service: 'bus', at, tookMs: 20, partitions: whole, groups: calm, ...change(at) };
  });
const between = (at: number, from: number, to: number): boolean => at >= from && at < to;
const spans = (found: ReturnType<typeof kafkaLayers>) =>
  Object.fromEntries(Object.entries(found).map(([name, one]) => [name, one.sinceInjectedMs ?? one.status]));

describe('the layers of a Kafka after a fault', () => {
  it('are each back at their own time, in their order', () => {
    const found = kafkaLayers(
      readings((at) => ({
        partitions: between(at, 60_000, 62_000)
          ? null
          : {
              all: 6,
              writable: between(at, 62_000, 64_000) ? 4 : 6,
              inSync: between(at, 62_000, 72_000) ? 2 : 6,
              preferred: between(at, 62_000, 90_000) ? 5 : 6,
            },
        groups: {
          readers: {
            state: between(at, 64_000, 75_000) ? 'PreparingRebalance' : 'Stable',
            lag: between(at, 64_000, 80_000) ? 900 : 4,
          },
        },
      })),
      question,
    );
    expect(Object.keys(found)).toEqual([
      ...['writable', 'in sync', 'groups stable', 'lag back', 'preferred leaders'],
    ]);
    expect(spans(found)).toEqual({
      ...{ writable: 4020, 'in sync': 12_020, 'groups stable': 15_020, 'lag back': 20_020 },
      'preferred leaders': 30_020,
    });
    expect(found['in sync']).toMatchObject({ status: 'recovered', sinceRemovedMs: 2020, boundMs: 520 });
  });

  it('are not there where nothing is known, or where they did not hold before', () => {
    const found = kafkaLayers(
      readings(() => ({ partitions: { ...whole, writable: null, preferred: 3 }, groups: {} })),
      question,
    );
    expect(spans(found)).toEqual({ 'in sync': 'never-degraded' });
    expect(kafkaLayers([], question)).toEqual({});
  });

  it('leave out the lag of a group that fell behind before, and a group that was not stable', () => {
    const found = kafkaLayers(
      readings((at) => ({
        groups: {
          slow: { state: 'Empty', lag: at / 10 },
          fine: { state: 'Stable', lag: at < 61_000 ? 0 : 500 },
        },
      })),
      question,
    );
    expect(found['groups stable']?.status).toBe('never-degraded');
    // Of `fine` alone, which is behind since 61 s and stays so.
    expect(found['lag back']?.status).toBe('censored');
    const slow = kafkaLayers(
      readings((at) => ({ groups: { slow: { state: 'Empty', lag: at / 10 } } })),
      question,
    );
    expect(Object.keys(slow)).toEqual(['writable', 'in sync', 'preferred leaders']);
  });
});

it('a partition takes writes with a leader and enough replicas in sync', () => {
  const view = (leader: number, isr: readonly number[]) => ({
    ...{ topic: 'orders.new', partition: 0, leader, leaderEpoch: 1, replicas: [1, 2, 3], isr },
  });
  const views = [view(1, [1, 2, 3]), view(2, [2, 3]), view(-1, [3]), view(3, [3])];
  const least = new Map([['orders.new', 2]]);
  expect(partitionsOf(views, least)).toEqual({ all: 4, writable: 2, inSync: 1, preferred: 1 });
  expect(partitionsOf(views, new Map()).writable).toBeNull();
});
