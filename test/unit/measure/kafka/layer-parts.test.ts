/** The layers of a Kafka as parts of one recovery: in order, and summing to the whole, whatever was away. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KafkaReading } from '../../../../src/core/kafka-state.ts';
import type { Recovery } from '../../../../src/core/result.ts';
import { kafkaLayers } from '../../../../src/measure/kafka/kafka-layers.ts';
import { layerParts } from '../../../../src/measure/kafka/layer-parts.ts';

const [APPLIED, REMOVED, UNTIL] = [60_000, 70_000, 130_000];
const question = {
  ...{ appliedAt: APPLIED, injectedAt: APPLIED, removedAt: REMOVED, until: UNTIL, holdMs: 5000 },
};

/** Each layer is away in one piece, from `onset` for `away` half seconds; 0: never. */
interface Trouble {
  readonly onset: number;
  readonly away: number;
}
const trouble = fc.record({ onset: fc.nat(10), away: fc.nat(140) });
const isAway = ({ onset, away }: Trouble, at: number): boolean =>
  at >= APPLIED + onset * 500 && at < APPLIED + (onset + away) * 500;

const readingsOf = (all: Readonly<Record<'write' | 'sync' | 'group' | 'lag' | 'lead' | 'stop', Trouble>>) => {
  let end = 0;
  return Array.from({ length: UNTIL / 500 }, (_, index): KafkaReading => {
    const at = index * 500;
    if (!isAway(all.stop, at)) end += 5;
    const count = (one: Trouble): number => (isAway(one, at) ? 3 : 6);
    return {
      ...{ service: 'bus', at, tookMs: 20, ends: { 'orders.new/0': end } },
      partitions: {
        ...{ all: 6, writable: count(all.write), inSync: count(all.sync), preferred: count(all.lead) },
      },
      groups: {
        readers: {
          state: isAway(all.group, at) ? 'PreparingRebalance' : 'Stable',
          lag: isAway(all.lag, at) ? 900 : 4,
        },
      },
    };
  });
};

describe('the parts of a recovery', () => {
  it('are in the order of their ends, sum to the whole, and name who held it', () => {
    fc.assert(
      fc.property(
        fc.record({
          ...{ write: trouble, sync: trouble, group: trouble, lag: trouble, lead: trouble, stop: trouble },
        }),
        (all) => {
          const layers = kafkaLayers(readingsOf(all), question);
          const found = layerParts(layers);
          const ends = Object.values(layers).flatMap((one) =>
            one.onsetMs === null ? [] : [one.sinceInjectedMs ?? 0],
          );
          if (found === null) return expect(ends).toEqual([]);
          const { ms, parts, heldBy } = found;
          expect(parts).toHaveLength(ends.length);
          expect(ms).toBe(Math.max(...ends));
          expect(parts.reduce((sum, one) => sum + one.ms, 0)).toBe(ms);
          let until = 0;
          for (const [index, part] of parts.entries()) {
            expect(part.ms).toBeGreaterThanOrEqual(0);
            expect(part.after).toBe(parts[index - 1]?.layer ?? null);
            until += part.ms;
            expect(layers[part.layer]?.sinceInjectedMs).toBe(until);
            expect(part.isOpen).toBe(layers[part.layer]?.status === 'censored');
          }
          const open = parts.filter((one) => one.isOpen).map((one) => one.layer);
          expect(heldBy).toEqual(open.length > 0 ? open : [parts.at(-1)?.layer]);
          // What cannot be written to is not in sync.
          const [writable, inSync] = [layers.writable, layers['in sync']];
          if (writable?.status === 'censored') expect(inSync?.status).toBe('censored');
          else if (inSync?.status === 'recovered')
            expect(writable?.sinceInjectedMs ?? 0).toBeLessThanOrEqual(inSync.sinceInjectedMs ?? 0);
        },
      ),
    );
  });

  const back = (status: Recovery['status'], ms: number | null): Recovery => ({
    ...{ status, onsetMs: ms === null ? null : 0, sinceInjectedMs: ms, sinceRemovedMs: null, boundMs: 500 },
    ...{ worst: 0, lossSeconds: 0, flaps: 0 },
  });

  it('are none where no layer was away', () => {
    expect(layerParts({})).toBeNull();
    expect(
      layerParts({ writable: back('never-degraded', null), written: back('censored', null) }),
    ).toBeNull();
  });

  it('say who was not back, all of them, behind those that were', () => {
    const found = layerParts({
      writable: back('recovered', 4000),
      'in sync': back('censored', 30_000),
      'groups stable': back('recovered', 9000),
      'preferred leaders': back('censored', 30_000),
    });
    expect(found).toEqual({
      ms: 30_000,
      parts: [
        { layer: 'writable', after: null, ms: 4000, isOpen: false },
        { layer: 'groups stable', after: 'writable', ms: 5000, isOpen: false },
        { layer: 'in sync', after: 'groups stable', ms: 21_000, isOpen: true },
        { layer: 'preferred leaders', after: 'in sync', ms: 0, isOpen: true },
      ],
      heldBy: ['in sync', 'preferred leaders'],
    });
  });
});

describe('what the load writes', () => {
  const steady = { onset: 0, away: 0 };
  const calm = { write: steady, sync: steady, group: steady, lag: steady, lead: steady, stop: steady };
  const written = (readings: readonly KafkaReading[]) => kafkaLayers(readings, question).written;

  it('is written again with the first commit of its last partition', () => {
    const readings = readingsOf({ ...calm, stop: { onset: 4, away: 20 } });
    // The last commit was seen at 61.5 s, and the next one at 72 s.
    expect(written(readings)).toMatchObject({
      ...{ status: 'recovered', onsetMs: 2000, sinceInjectedMs: 12_020, sinceRemovedMs: 2020, boundMs: 520 },
    });
    const both = readings.map((one, index) => ({
      ...one,
      ends: { ...one.ends, 'orders.new/1': index < 130 || index >= 160 ? index : 130 },
    }));
    expect(written(both)).toMatchObject({ status: 'recovered', sinceInjectedMs: 20_020 });
  });

  it('never stopped where commits go on, and was not seen again where none came', () => {
    expect(written(readingsOf(calm))?.status).toBe('never-degraded');
    expect(written(readingsOf({ ...calm, stop: { onset: 4, away: 200 } }))?.status).toBe('censored');
  });

  it('is not known where it is written too seldom, or was not written before', () => {
    const seldom = readingsOf(calm).map((one, index) => ({
      ...one,
      ends: { 'orders.new/0': Math.floor(index / 16) },
    }));
    expect(written(seldom)).toBeUndefined();
    const { ends: _none, ...bare } = readingsOf(calm)[0] as KafkaReading;
    expect(written(readingsOf(calm).map((one) => ({ ...bare, at: one.at })))).toBeUndefined();
  });

  it('is not gone where a leader alone did not answer for a reading', () => {
    const gap = readingsOf(calm).map((one, index) => (index === 125 ? { ...one, ends: {} } : one));
    expect(written(gap)?.status).toBe('never-degraded');
  });
});
