import { describe, expect, it } from 'vitest';
import type { Objective } from '../../../src/core/objective.ts';
import type { RecordsResult } from '../../../src/core/records.ts';
import { epochMs } from '../../../src/core/units.ts';
import { judgeObjective } from '../../../src/measure/judge-objective.ts';

const result = (counts: object, rest: Partial<RecordsResult> = {}): RecordsResult => {
  const whole = { sent: 1000, acked: 1000, lost: 0, late: 0, duplicated: 0, ...counts };
  const phases = { 'web.orders': { baseline: { ...whole, lost: 0 }, 'fault:a': whole, 'fault:a@2': whole } };
  return {
    flows: { 'web.orders': whole },
    phases,
    partitions: {},
    lateAs: {},
    lostIds: [],
    open: [],
    ...rest,
  };
};

const objective = (kind: 'lost' | 'duplicated' | 'late', rest: Partial<Objective> = {}): Objective => ({
  ...{ name: kind, flow: 'web.orders', indicator: { kind }, comparison: '<=', limit: 0 },
  ...{ scope: { kind: 'run' }, source: null, ...rest },
});

const judge = (one: Objective, records?: RecordsResult) =>
  judgeObjective(one, {
    flowPhase: () => undefined,
    histogram: () => undefined,
    windows: () => undefined,
    ...{ faults: [], capacity: [] },
    ...(records && { records }),
    rounds: (name) => [name, `${name}@2`].map((one) => ({ name: one, from: epochMs(0), to: epochMs(1) })),
  });

const late = { comparison: '<', limit: 0.01 } as const;
const open = ['orders.new/0 was read up to offset 3 of 9: no leader'];

describe('an objective on records', () => {
  it.each([
    ['nothing is lost', objective('lost'), result({}), { status: 'PASS', observed: 0, samples: 1000 }],
    [
      'one is lost',
      objective('lost'),
      result({ lost: 1 }, { lostIds: ['gauntlet-r/1/web/3/4'] }),
      { status: 'FAIL', observed: 1, note: 'the first is gauntlet-r/1/web/3/4' },
    ],
    // A record that is missing may be in what was not read; one that is there twice is there twice.
    [
      'one is missing and not everything was read',
      objective('lost'),
      result({ lost: 1 }, { open }),
      { status: 'INCONCLUSIVE', note: `not everything was read: ${open[0]}` },
    ],
    [
      'nothing is missing and not everything was read',
      objective('lost'),
      result({}, { open }),
      { status: 'INCONCLUSIVE' },
    ],
    [
      'one is twice',
      objective('duplicated'),
      result({ duplicated: 1 }, { open }),
      { status: 'FAIL', observed: 1 },
    ],
    ['none is twice so far', objective('duplicated'), result({}, { open }), { status: 'INCONCLUSIVE' }],
    ['none is twice', objective('duplicated'), result({}), { status: 'PASS', observed: 0 }],
    [
      'few are late',
      objective('late', late),
      result({ sent: 4000, late: 1 }),
      { status: 'PASS', observed: 0.00025 },
    ],
    [
      'many are late',
      objective('late', late),
      result({ late: 40 }, { open }),
      { status: 'FAIL', observed: 0.04 },
    ],
    [
      'some are late',
      objective('late', late),
      result({ late: 9 }),
      { status: 'INCONCLUSIVE', observed: 0.009 },
    ],
    [
      'few were sent',
      objective('late', late),
      result({ sent: 20 }),
      { status: 'NO-DATA', note: '20 requests, 300 needed for this share' },
    ],
    ['no answer was good', objective('lost'), result({ acked: 0 }), { status: 'NO-DATA' }],
    [
      'none are followed',
      objective('lost'),
      undefined,
      { status: 'NO-DATA', note: 'no records were followed' },
    ],
    [
      'another flow is meant',
      objective('lost', { flow: 'web.voice' }),
      result({}),
      { status: 'NO-DATA', note: 'its records are not followed' },
    ],
  ])('is judged when %s', (_name, one, records, expected) => {
    expect(judge(one, records)).toMatchObject(expected);
  });

  it('adds up the rounds of a phase, and leaves other phases out', () => {
    const inPhase = (phase: string) =>
      judge(objective('lost', { scope: { kind: 'phase', phase } }), result({ lost: 2 }));
    expect(inPhase('fault:a')).toMatchObject({ status: 'FAIL', observed: 4, samples: 2000 });
    expect(inPhase('baseline')).toMatchObject({ status: 'PASS', observed: 0, phase: 'baseline' });
    expect(inPhase('steady')).toMatchObject({ status: 'NO-DATA' });
  });
});
