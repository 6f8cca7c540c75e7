import { describe, expect, it } from 'vitest';
import { ms, perSecond } from '../../../src/core/units.ts';
import { k6Command, memoryLimit } from '../../../src/load/k6-command.ts';
import { WHOLE } from '../../../src/measure/segments.ts';
import { SCENARIOS } from '../../fakes/scenarios.ts';

const flow = (vus: number) => ({
  ...{ flow: 'gateway.intentions', executor: 'gateway_intentions', vus, worstStallMs: ms(2000) },
  schedule: { startRate: perSecond(10), stages: [] },
});

describe('the memory limit of k6', () => {
  it('is 64 MiB and 2.6 times what its VUs hold, of all flows of the process', () => {
    expect(memoryLimit({ vuKb: 300, flows: [flow(400), flow(200)] }, WHOLE)).toEqual({
      GOMEMLIMIT: `${64 * 1024 + 2.6 * 300 * 600}KiB`,
    });
  });

  it('is that of its own VUs where several processes share a load', () => {
    expect(memoryLimit({ vuKb: 300, flows: [flow(600)] }, { index: 1, of: 3 })).toEqual(
      memoryLimit({ vuKb: 300, flows: [flow(200)] }, WHOLE),
    );
  });

  it('is absent where nobody has measured what a VU holds', () => {
    expect(memoryLimit({ flows: [flow(600)] }, WHOLE)).toEqual({});
  });

  it('reaches k6 beside our setting of its collector', () => {
    const load = { scenario: 'x', script: '/x.ts', flows: [flow(100)], env: {}, vuKb: 300 };
    const { env } = k6Command(load, {
      ...{ k6: '/k6', seed: 1, segment: WHOLE, durationMs: ms(1000), gracefulStopMs: ms(1000) },
      ...{ home: '/h', loadFile: '/l', secrets: {} },
    });
    expect([env['GOGC'], env['GOMEMLIMIT']]).toEqual(['200', '143536KiB']);
  });

  it('lies for every scenario of ours well above what its VUs hold, and below where the collector would start by itself where VUs are many', () => {
    for (const { vuKb } of SCENARIOS) {
      for (const vus of [1000, 10_000]) {
        const limit = Number.parseInt(memoryLimit({ vuKb, flows: [flow(vus)] }, WHOLE).GOMEMLIMIT ?? '', 10);
        const live = vuKb * vus;
        expect(limit / live).toBeGreaterThan(2.5);
        expect(limit / live).toBeLessThan(3.5);
      }
    }
  });
});
