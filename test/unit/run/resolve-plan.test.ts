import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/core/plan.ts';
import { readCampaign } from '../../../src/run/campaign-file.ts';
import { dryRunText } from '../../../src/run/dry-run.ts';
import { resolvePlan } from '../../../src/run/resolve-plan.ts';
import type { DryRun } from '../../../src/run/run-command.ts';

function planOf(load: string): Plan {
  const file = join(mkdtempSync(join(tmpdir(), 'gauntlet-plan-')), 'c.yaml');
  writeFileSync(file, `name: p\ntarget: sandbox\nload:\n  - { scenario: gateway-intentions, ${load} }\n`);
  return resolvePlan({
    ...{
      campaign: readCampaign(file),
      topology: null,
      target: 'sandbox',
      id: 'id',
      seed: 1,
      scale: 1,
      versions: {},
    },
    scriptOf: (scenario) => `/p/${scenario}.ts`,
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
