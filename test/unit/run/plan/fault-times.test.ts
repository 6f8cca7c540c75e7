import { describe, expect, it } from 'vitest';
import { ms } from '../../../../src/core/units.ts';
import { extraRemovalMs, removalTimeout } from '../../../../src/run/plan/fault-times.ts';

describe('the time that a removal may take', () => {
  it('is longer for pods, which may wait 45 s for their first readiness probe, and the load lasts for it', () => {
    expect(removalTimeout('sandbox', ms(20_000))).toBe(20_000);
    expect(removalTimeout('kubernetes', ms(20_000))).toBe(320_000);
    expect(extraRemovalMs('kubernetes')).toBe(300_000);
    expect(extraRemovalMs('docker')).toBe(120_000);
    expect(extraRemovalMs(undefined)).toBe(0);
  });
});
