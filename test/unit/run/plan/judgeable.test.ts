import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OwnSchedule } from '../../../../src/core/foreign-script.ts';
import type { Topology } from '../../../../src/core/topology.ts';
import { ms } from '../../../../src/core/units.ts';
import { dueTicks } from '../../../../src/measure/schedule.ts';
import { dryRunText } from '../../../../src/run/open/dry-run.ts';
import { shortages } from '../../../../src/run/plan/enough-samples.ts';
import { resolvePlan } from '../../../../src/run/plan/resolve-plan.ts';
import { readCampaign } from '../../../fakes/scenarios.ts';
import { topologyOf } from '../../../fakes/topology.ts';

const GATEWAY = 'load:\n  - { scenario: gateway-intentions, rate: 100/s }\n';
const SPECIALISTS = 'load:\n  - { scenario: specialists, rate: 50/s }\n';
const two = topologyOf({ specialists: { business: '127.0.0.1:1', technical: '127.0.0.1:2' } });

function planOf(text: string, more: { topology?: object | null; scale?: number } = {}) {
  const file = join(mkdtempSync(join(tmpdir(), 'gauntlet-judgeable-')), 'c.yaml');
  writeFileSync(file, `name: p\ntarget: t\n${text}`);
  return resolvePlan({
    ...{ campaign: readCampaign(file), target: 't', id: 'id', seed: 1, versions: {} },
    ...{ scale: more.scale ?? 1, topology: (more.topology ?? null) as Topology | null },
  });
}

function problemsOf(text: string, more: Parameters<typeof planOf>[1] = {}): string {
  try {
    planOf(text, more);
  } catch (error) {
    return String((error as Error).message).replaceAll(/\/\S+\/(?=c\.yaml)/g, '');
  }
  return '';
}

/** One objective that can be judged, so that the plan is not refused. */
const goals = (...lines: readonly string[]): string =>
  [
    'objectives:',
    '  - gateway.intentions rate >= 1/s in baseline',
    ...lines.map((one) => `  - ${one}`),
    '',
  ].join('\n');

describe('a plan says of its objectives', () => {
  const shape = (length: string): string =>
    `${GATEWAY}shape:\n  - { name: baseline, at: 100%, for: 20s }\n  - { name: soak, at: 100%, for: ${length} }\n`;

  it('that a P99 over ten seconds of 100/s may lack samples, and the length that would be enough', () => {
    const asked = goals('gateway.intentions p99 < 500ms in soak');
    expect(planOf(`${shape('10s')}${asked}`).warnings).toEqual([
      'gateway.intentions p99 < 500ms in soak may end as NO-DATA: about 900 samples, 1,000 needed; for: 11s would be enough',
    ]);
    expect(planOf(`${shape('11s')}${asked}`)).not.toHaveProperty('warnings');
    expect(planOf(`${shape('11s')}${asked}`, { scale: 0.4 }).warnings).toEqual([
      'gateway.intentions p99 < 500ms in soak can never be judged: at most 442 samples, 1,000 needed; for: 26s would be enough',
    ]);
  });

  it('the same of shares, of windows, of ramps, and of phases that other things end', () => {
    const asked = goals(
      'gateway.intentions failed < 0.1% in soak',
      'gateway.intentions p99 < 1s in soak over 5s',
      'gateway.intentions p99 < 1s in soak over 30s',
    );
    expect(planOf(`${shape('20s')}${asked}`).warnings).toEqual([
      'gateway.intentions failed < 0.1% in soak can never be judged: at most 2,002 samples, 3,000 needed; for: 31s would be enough',
      'gateway.intentions p99 < 1s in soak over 5s can never be judged: at most 500 samples, 1,000 needed; over 10s would be enough',
      'gateway.intentions p99 < 1s in soak over 30s can never be judged: its phase may be shorter than one window of 30 s; for: 31s would be enough',
    ]);
    const faults = `${GATEWAY}faults:\n  - redis-pause: { for: 5s }\n`;
    expect(planOf(`${faults}${goals('gateway.intentions p99 < 1s in fault:redis-pause')}`).warnings).toEqual([
      'gateway.intentions p99 < 1s in fault:redis-pause may end as NO-DATA: about 500 samples, 1,000 needed; for: 10s would be enough',
    ]);
    expect(
      planOf(`${faults}repeat: 2\n${goals('gateway.intentions p99 < 1s in fault:redis-pause')}`),
    ).not.toHaveProperty('warnings');
    expect(planOf(`${GATEWAY}${goals('gateway.intentions p99 < 1s in steady')}`).warnings).toEqual([
      'gateway.intentions p99 < 1s in steady can never be judged: at most 300 samples, 1,000 needed; a higher rate would be enough, or another phase',
    ]);
  });

  it('nothing of a baseline of ten seconds at 100/s, which its settlement makes long enough', () => {
    expect(
      planOf(`${GATEWAY}baseline: 10s\n${goals('gateway.intentions p99 < 1s in baseline')}`),
    ).not.toHaveProperty('warnings');
  });

  it('that the own schedule of a script, or its number of iterations, is too short', () => {
    const asked = `${GATEWAY}${goals('gateway.intentions p99 < 1s in baseline')}`;
    const said = (own: Partial<OwnSchedule>): readonly string[] => {
      const plan = planOf(asked);
      const foreign = { kind: 'constant-vus', model: 'closed', exec: 'default' } as const;
      const schedule = { startMs: ms(0), lengthMs: ms(20_000), ...own };
      const load = plan.load.map((one) => ({
        ...one,
        flows: one.flows.map((flow) => ({ ...flow, foreign: { ...foreign, own: schedule } })),
      }));
      return shortages({ ...plan, load }).map((one) => one.text);
    };
    const arrivals = { unitMs: 1000, startRate: 10, targets: [], durationsMs: [] };
    const p99 = 'gateway.intentions p99 < 1s in baseline can never be judged';
    expect(said({ arrivals })).toEqual([
      `${p99}: at most 200 samples, 1,000 needed; a longer schedule of the script would be enough`,
    ]);
    const ramp = { unitMs: 1000, startRate: 0, targets: [20], durationsMs: [20_000] };
    expect(said({ arrivals: ramp })[0]).toMatch(/at most (199|200|201) samples/);
    expect(said({ iterations: 30 })[0]).toContain('at most 30 samples');
    expect(said({ arrivals: { ...arrivals, startRate: 60 } })).toEqual([]);
    expect(said({})).toEqual([]);
  });

  it('the same of each step of a search', () => {
    const search = (each: string): string =>
      `${GATEWAY}shape:\n  - { name: baseline, at: 100%, for: 20s }\n` +
      `  - { name: top, from: 50%, to: 100%, by: 50%, each: ${each}, while: gateway.intentions p99 < 1s }\n${goals()}`;
    expect(planOf(search('10s')).warnings).toEqual([
      'gateway.intentions p99 < 1s in top:50% can never be judged: at most 502 samples, 1,000 needed; each: 21s would be enough',
    ]);
    expect(planOf(search('21s'))).not.toHaveProperty('warnings');
  });

  it('loudly, in a dry run', () => {
    const policy = { optIn: true, protected: [], hours: 'any', load: { optIn: true, maxRate: null } };
    const plan = planOf(`${shape('10s')}${goals('gateway.intentions p99 < 500ms in soak')}`);
    const target = { platform: 'none', addresses: {}, policy };
    expect(dryRunText({ plan, target, faults: [] } as never)).toContain(
      '\n  WARNING: gateway.intentions p99 < 500ms in soak may end as NO-DATA: ',
    );
  });

  it('with an error and its place when not one of them can ever be judged', () => {
    expect(problemsOf(`${shape('4s')}objectives:\n  - gateway.intentions p99 < 500ms in soak\n`)).toBe(
      'c.yaml:9:5: objective: expected one that can be judged, got gateway.intentions p99 < 500ms in soak can never be judged: ' +
        'at most 402 samples, 1,000 needed; for: 11s would be enough. No other objective could be judged either, so the run would end with NO-DATA.',
    );
  });

  it('never that one cannot be judged which has its samples in whole seconds, and never nothing of one that has not', () => {
    const facts = fc.record({
      rate: fc.integer({ min: 1, max: 300 }),
      seconds: fc.integer({ min: 2, max: 60 }),
    });
    const property = fc.property(
      facts,
      fc.constantFrom(0.5, 0.9, 0.95, 0.99),
      ({ rate, seconds }, quantile) => {
        const lengthMs = seconds * 1000;
        const schedule = {
          startRate: rate,
          stages: [
            { to: rate, durationMs: lengthMs },
            { to: 0, durationMs: 0 },
          ],
        };
        const objective = {
          flow: 'g',
          name: 'o',
          limit: 1,
          indicator: { kind: 'quantile', quantile },
          scope: { kind: 'phase', phase: 'a' },
        };
        const plan = {
          load: [{ flows: [{ flow: 'g', schedule }] }],
          shape: { steps: [{ phase: 'a', from: 1, to: 1, lengthMs }], search: null },
        };
        const [found] = shortages({ ...plan, objectives: [objective], longestMs: lengthMs } as never);
        const due = dueTicks(schedule as never, lengthMs);
        const needed = Math.ceil(10 / (1 - quantile) - 1e-6);
        // A tick at an edge may fall to either side.
        if (due - rate - 2 >= needed) expect(found).toBeUndefined();
        if (due + rate + 2 < needed) expect(found?.isCertain).toBe(true);
        if (due - rate + 2 < needed) expect(found).toBeDefined();
      },
    );
    fc.assert(property, { numRuns: 200 });
  });
});

describe('the flows of a scenario on a target', () => {
  it('are those that it has an address for, with the whole rate, and the plan says so', () => {
    const plan = planOf(SPECIALISTS, { topology: two });
    expect(plan.load[0]?.flows.map(({ flow, schedule }) => [flow, schedule.startRate])).toEqual([
      ['specialist.business', 25],
      ['specialist.technical', 25],
    ]);
    expect(plan.load[0]?.env).toEqual({
      ...{
        GAUNTLET_ADDRESS_SPECIALIST_BUSINESS: '127.0.0.1:1',
        GAUNTLET_ADDRESS_SPECIALIST_TECHNICAL: '127.0.0.1:2',
      },
      GAUNTLET_RUN_ID: 'id',
    });
    expect(plan.notes).toEqual([
      'specialists: target t has an address for 2 of its 5 flows, specialist.business, specialist.technical; they share its whole rate',
    ]);
  });

  it('need no other address than those that have a weight', () => {
    const weights = (text: string): string =>
      `load:\n  - { scenario: specialists, rate: 50/s, weights: { ${text} } }\n`;
    const plan = planOf(weights('business: 1'), { topology: two });
    expect(plan.load[0]?.flows.map(({ flow, schedule }) => [flow, schedule.startRate])).toEqual([
      ['specialist.business', 50],
    ]);
    expect(plan).not.toHaveProperty('notes');
    expect(problemsOf(weights('business: 1, evolution: 1, behavior: 0'), { topology: two })).toContain(
      'target t: expected an address of specialist-evolution, which scenario specialists needs, got nothing.',
    );
  });

  it('are refused with all that is missing when the target has none of them', () => {
    expect(problemsOf(SPECIALISTS, { topology: topologyOf({}) })).toContain(
      'expected an address of specialist-business, specialist-technical, specialist-behavior, specialist-evolution, specialist-architecture, which',
    );
  });

  it('leave out none that an objective asks for: that is an error with its place', () => {
    const asked = `${SPECIALISTS}objectives:\n  - specialist.business rate >= 1/s in baseline\n  - specialist.evolution rate >= 1/s in baseline\n`;
    expect(problemsOf(asked, { topology: two })).toBe(
      'c.yaml:7:5: objective: expected a flow that target t has an address for: specialist.business, specialist.technical, ' +
        'got specialist.evolution. Add its address to the target file, or remove the line.',
    );
    expect(problemsOf(asked)).toBe('');
  });
});
