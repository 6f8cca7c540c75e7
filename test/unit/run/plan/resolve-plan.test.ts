import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../../src/core/plan.ts';
import type { RateFound } from '../../../../src/core/rate-search.ts';
import { type DryRun, dryRunText } from '../../../../src/run/open/dry-run.ts';
import { resolvePlan } from '../../../../src/run/plan/resolve-plan.ts';
import { readCampaign } from '../../../fakes/scenarios.ts';

function planOf(load: string, more = '', rateFound?: RateFound): Plan {
  const file = join(mkdtempSync(join(tmpdir(), 'gauntlet-plan-')), 'c.yaml');
  writeFileSync(
    file,
    `name: p\ntarget: sandbox\nload:\n  - { scenario: gateway-intentions, ${load} }\n${more}`,
  );
  return resolvePlan({
    ...{
      campaign: readCampaign(file),
      topology: null,
      target: 'sandbox',
      id: 'id',
      seed: 1,
      scale: 1,
      versions: {},
      ...(rateFound && { rateFound }),
    },
  });
}

describe('the load of a plan', () => {
  it('gives one process the VUs that a stall of the whole time limit needs', () => {
    const [load] = planOf('rate: 100/s').load;
    expect(load?.flows[0]?.vus).toBe(550);
    expect(load).not.toHaveProperty('generators');
  });

  it('gives several processes VUs that they can share evenly', () => {
    const [load] = planOf('rate: 100/s, generators: 4').load;
    expect([load?.generators, load?.flows[0]?.vus]).toEqual([4, 552]);
  });

  it('is printed with the number of processes by a dry run', () => {
    const policy = { optIn: true, protected: [], hours: 'always', load: { optIn: true, maxRate: null } };
    const dry = (load: string): string =>
      dryRunText({
        plan: planOf(load),
        target: { platform: 'sandbox', policy },
        faults: [],
      } as unknown as DryRun);
    expect(dry('rate: 100/s, generators: 4')).toContain(
      '\n  gateway.intentions (gateway-intentions): 100/s, 552 VUs in 4 k6 processes, gives up after 5.00 s\n',
    );
    expect(dry('rate: 100/s')).toContain(': 100/s, 550 VUs, gives up after 5.00 s\n');
  });
});

describe('a rate that the run finds', () => {
  const found = (share: number): RateFound => ({
    carriedShare: share * 2,
    share,
    why: 'because',
    levels: [],
  });
  const P99 = 'baseline: 12s\nobjectives:\n  - gateway.intentions p99 < 500ms in baseline\n';

  it('is a ceiling until it is found, and then its share', () => {
    const before = planOf('rate: auto up to 100/s');
    expect(before.load[0]?.flows[0]?.schedule.startRate).toBe(100);
    expect(before.rateSearch).toEqual({ scenarios: ['gateway-intentions'], found: null });
    const after = planOf('rate: auto up to 100/s', '', found(0.3));
    expect(after.load[0]?.flows[0]?.schedule.startRate).toBe(30);
    expect(after.rateSearch?.found?.why).toBe('because');
  });

  it('leaves a plan whose rates are all written as it was', () => {
    expect(planOf('rate: 100/s')).not.toHaveProperty('rateSearch');
    expect(planOf('rate: 100/s', '', found(0.3)).load[0]?.flows[0]?.schedule.startRate).toBe(100);
  });

  it('lengthens the baseline to the samples that its objectives need, and never shortens it', () => {
    expect(planOf('rate: auto up to 100/s', P99, found(0.25)).baselineMs).toBe(46_000);
    expect(planOf('rate: auto up to 1000/s', P99, found(1)).baselineMs).toBe(12_000);
    expect(planOf('rate: auto up to 100/s', P99).baselineMs).toBe(12_000);
  });
});
