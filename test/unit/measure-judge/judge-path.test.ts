import { describe, expect, it } from 'vitest';
import type { Objective } from '../../../src/core/objective.ts';
import type { PathResult, StageCounts } from '../../../src/core/paths.ts';
import { judgeObjective } from '../../../src/measure/judge-objective.ts';

const none: StageCounts = {
  ...{ expected: 1000, arrived: 1000, ended: 0, lost: 0, stuck: 0, waiting: 0, duplicated: 0, reordered: 0 },
  ms: { p50: 1, p95: 2, p99: 3, max: 4 },
};
const path = (whole: Partial<StageCounts>, rest: Partial<PathResult> = {}): PathResult => {
  const run = { whole: { ...none, ...whole }, stages: [none, { ...none, ...whole }] };
  const calm = { whole: none, stages: [none, none] };
  return {
    ...{
      stages: ['orders.new', 'orders.done'],
      withinMs: 30_000,
      run,
      phases: { baseline: calm, 'fault:a': run },
    },
    ...{ lostIds: ['r/1/web/3/4 (no record in orders.done)'], stuckIds: [], backwards: 0, open: [], ...rest },
  };
};
type Kind = 'lost' | 'stuck' | 'duplicated' | 'reordered';
const objective = (kind: Kind, rest: Partial<Objective> = {}): Objective => ({
  ...{ name: kind, flow: 'order-flow', indicator: { kind }, comparison: '<=', limit: 0 },
  ...{ scope: { kind: 'run' }, source: null, ...rest },
});
const judge = (one: Objective, found?: PathResult) =>
  judgeObjective(one, {
    ...{ flowPhase: () => undefined, histogram: () => undefined, windows: () => undefined },
    ...{ faults: [], capacity: [] },
    ...(found && { paths: { 'order-flow': found } }),
  });

const inPhase = (phase: string) => ({ scope: { kind: 'phase', phase } as const });
const ofStage = (stage: string) => ({ flow: `order-flow/${stage}` });
const open = ['orders.done/0 is gone'];

describe('an objective on a path', () => {
  it.each([
    ['nothing is lost', objective('lost'), path({}), { status: 'PASS', observed: 0, samples: 1000 }],
    [
      'one is lost',
      objective('lost'),
      path({ lost: 1 }),
      { status: 'FAIL', observed: 1, note: 'the first is r/1/web/3/4 (no record in orders.done)' },
    ],
    ['one is stuck', objective('stuck'), path({ stuck: 2 }), { status: 'FAIL', observed: 2 }],
    [
      'the service is slow',
      objective('stuck'),
      path({ waiting: 7 }),
      { status: 'INCONCLUSIVE', note: '7 requests were still on their way when the logs were read' },
    ],
    ['it is slow, and one is given up', objective('lost'), path({ waiting: 7, lost: 1 }), { status: 'FAIL' }],
    ['others are on their way', objective('duplicated'), path({ waiting: 7 }), { status: 'PASS' }],
    [
      'one is missing in what was not read',
      objective('lost'),
      path({ lost: 1 }, { open }),
      { status: 'INCONCLUSIVE', note: 'not everything was read: orders.done/0 is gone' },
    ],
    ['two were read of one', objective('duplicated'), path({ duplicated: 1 }, { open }), { status: 'FAIL' }],
    ['a phase is calm', objective('lost', inPhase('baseline')), path({ lost: 1 }), { status: 'PASS' }],
    ['a phase is not', objective('lost', inPhase('fault:a')), path({ lost: 1 }), { status: 'FAIL' }],
    ['a stage is calm', objective('lost', ofStage('orders.new')), path({ lost: 1 }), { status: 'PASS' }],
    ['a stage is not', objective('lost', ofStage('orders.done')), path({ lost: 1 }), { status: 'FAIL' }],
    ['nothing came', objective('lost'), path({ expected: 0 }), { status: 'NO-DATA' }],
    ['no path was followed', objective('stuck'), undefined, { status: 'NO-DATA' }],
  ])('%s', (_name, one, found, expected) => {
    expect(judge(one, found)).toMatchObject(expected);
  });
});

it('a share of a path is neither met nor missed while something was not read', () => {
  const counts = { due: 1000, count: 1000, failed: 300, goodRate: 1 };
  const failed = objective('lost', {
    ...{ indicator: { kind: 'failed' }, limit: 0.01, ...inPhase('baseline') },
  });
  const judged = (found: PathResult) =>
    judgeObjective(failed, {
      ...{ flowPhase: () => counts as never, histogram: () => undefined, windows: () => undefined },
      ...{ faults: [], capacity: [], paths: { 'order-flow': found } },
    });
  expect(judged(path({}))).toMatchObject({ status: 'FAIL', observed: 0.3 });
  expect(judged(path({}, { open }))).toMatchObject({
    ...{ status: 'INCONCLUSIVE', observed: 0.3, note: 'not everything was read: orders.done/0 is gone' },
  });
});
