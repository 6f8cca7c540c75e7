import { describe, expect, it } from 'vitest';
import type { ScenarioLoad } from '../../../../src/core/load-plan.ts';
import { ms, perSecond } from '../../../../src/core/units.ts';
import { requireCapacity, requireOwnFiles } from '../../../../src/run/plan/check-limits.ts';
import { openFileLimit } from '../../../../src/system/limits.ts';

const load = (vus: number, generators = 1): ScenarioLoad => ({
  scenario: 'gateway-intentions',
  script: '/s.ts',
  flows: [
    {
      ...{ flow: 'g', executor: 'g', vus, worstStallMs: ms(2000) },
      schedule: { startRate: perSecond(250), stages: [] },
    },
  ],
  generators,
  vuKb: 300,
  env: {},
});
const files = (soft: number, hard = soft) => ({ soft, hard });
const enough = { files: files(65_536), ports: 28_232, memoryKb: 8_000_000 };

describe('what this machine may have at once', () => {
  it('is read as the kernel writes it', () => {
    const row =
      'Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 524288               files     \n';
    expect(openFileLimit(row)).toEqual({ soft: 1024, hard: 524_288 });
    expect(
      openFileLimit('Max open files            unlimited            unlimited            files'),
    ).toEqual({
      soft: Number.POSITIVE_INFINITY,
      hard: Number.POSITIVE_INFINITY,
    });
  });

  it('must do for each VU of a k6 and its own files, by the hard limit, which k6 takes', () => {
    expect(() => requireCapacity([load(550)], { ...enough, files: files(256, 614) })).not.toThrow();
    expect(() => requireCapacity([load(550)], { ...enough, files: files(260) })).toThrow(
      'open files of k6 for gateway-intentions: expected a limit of at least 614, one for each VU and 64 of its own, got 260. Raise it first (ulimit -n 1024), or lower its rate or timeout (VUs = rate × timeout × 1.1).',
    );
    expect(() => requireCapacity([load(550, 2)], { ...enough, files: files(339) })).not.toThrow();
  });

  it('is refused with everything that is too little', () => {
    const little = { files: files(260), ports: 500, memoryKb: 100_000 };
    let said = '';
    try {
      requireCapacity([load(550)], little);
    } catch (error) {
      said = String(error);
    }
    expect(said).toContain(
      'local ports for gateway-intentions: expected at least 550, one for each VU of a flow, got 500',
    );
    expect(said).toContain(
      'memory for the load: expected at least 161 MiB for 550 VUs, got 98 MiB available',
    );
    expect(said).toContain('open files of k6');
  });

  it('must do for the harness itself', () => {
    expect(() => requireOwnFiles(files(256))).not.toThrow();
    expect(() => requireOwnFiles(files(255))).toThrow(
      'open files of this process: expected a limit of at least 256, got 255. Raise it first: ulimit -n 65536.',
    );
  });
});
