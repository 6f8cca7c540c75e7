import { expect, it } from 'vitest';
import type { FaultRecord, Recovery } from '../../../src/core/result.ts';
import { kafkaTexts, rowStatusText, splitSlis } from '../../../src/report/rows.ts';

const back = (ms: number, status: Recovery['status'] = 'recovered'): Recovery => ({
  ...{ status, onsetMs: 0, sinceInjectedMs: ms, sinceRemovedMs: ms - 10_000, boundMs: 500 },
  ...{ worst: 100, lossSeconds: 1, flaps: 0 },
});
const fault = (kafka: FaultRecord['kafka'], inSync: Recovery): FaultRecord =>
  ({
    recovery: {},
    layers: { 'bus writable': back(4020), 'bus in sync': inSync, 'order-flow slow': back(5000) },
    ...(kafka && { kafka }),
  }) as unknown as FaultRecord;
const rows = (one: FaultRecord): readonly string[] =>
  splitSlis(one).layers.map((row) => `${row.sli}: ${rowStatusText(row)}`);

const parts = (isOpen: boolean) =>
  [
    { layer: 'writable', after: null, ms: 4020, isOpen: false },
    { layer: 'in sync', after: 'writable', ms: 8000, isOpen },
  ] as const;

it('a layer says which one it waited for, and the whole is a sum with the one that held it', () => {
  const one = fault({ bus: { ms: 12_020, parts: parts(false), heldBy: ['in sync'] } }, back(12_020));
  expect(rows(one)).toEqual([
    'bus writable: recovered',
    'bus in sync: recovered, 8.00 s after writable',
    'order-flow slow: recovered',
  ]);
  expect(kafkaTexts(one)).toEqual([
    'bus: 12.0 s from the injection = writable 4.02 s + in sync 8.00 s, held by in sync',
  ]);
});

it('what was not back is at least as long, and results without parts have none', () => {
  const open = fault(
    { bus: { ms: 12_020, parts: parts(true), heldBy: ['in sync'] } },
    back(12_020, 'censored'),
  );
  expect(rows(open)[1]).toBe('bus in sync: not recovered, at least 8.00 s after writable');
  expect(kafkaTexts(open)).toEqual([
    'bus: at least 12.0 s from the injection = writable 4.02 s + in sync 8.00 s, not back: in sync',
  ]);
  const both = [
    ...parts(true),
    { layer: 'preferred leaders', after: 'in sync', ms: 0, isOpen: true } as const,
  ];
  const two = fault(
    { bus: { ms: 12_020, parts: both, heldBy: ['in sync', 'preferred leaders'] } },
    back(12_020),
  );
  expect(kafkaTexts(two)).toEqual([
    'bus: at least 12.0 s from the injection = writable 4.02 s + in sync 8.00 s, not back: in sync, preferred leaders',
  ]);
  const also = { ...two, layers: { 'bus preferred leaders': back(12_020, 'censored') } };
  expect(rows(also)).toEqual(['bus preferred leaders: not recovered']);
  const older = fault(undefined, back(12_020));
  expect(rows(older)[1]).toBe('bus in sync: recovered');
  expect(kafkaTexts(older)).toEqual([]);
});
