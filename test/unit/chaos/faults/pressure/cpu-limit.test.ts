import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuStress } from '../../../../../src/chaos/faults/pressure/cpu-stress.ts';
import {
  LEAST_QUOTA_US,
  limitNextTo,
  MOST_PERIOD_US,
  predictedHold,
} from '../../../../../src/chaos/faults/pressure/limit-share.ts';
import { cpusIn } from '../../../../../src/core/acts/cpu-limit-acts.ts';
import { GauntletError } from '../../../../../src/core/errors.ts';
import { ms } from '../../../../../src/core/units.ts';
import { drive, planned, type Stage, type StageOptions, stages } from '../../stage.ts';

const made = stages();
const newStage = (options: StageOptions = {}) => made({ containers: true, ...options });
const stress = (service: string, more: object = {}) => planned('cpu-stress', { service, for: '1s', ...more });
const planOf = async (one: Stage, service: string, more: object = {}) => {
  const parsed = cpuStress.parse({ service, for: '1s', ...more });
  if (!parsed.ok) throw new Error('the test wrote a wrong block');
  return cpuStress.plan(parsed.spec, one.world);
};
const limitsOf = async (one: Stage, service: string) =>
  (await one.target.limits.acts.list(service)).map((each) => each.limit);
const NONE = { quotaUs: null, periodUs: 100_000 };

describe('cpu-stress in containers', () => {
  it('is seen when the kernel holds the container back as predicted, and gone with the limit', async () => {
    const one = newStage();
    const record = await one.run(stress('orders'));
    expect(record).toMatchObject({
      status: 'injected',
      victim: 'orders-0 (container 00000000)',
      removal: {
        evidence:
          'orders-0 (container 00000000) has no CPU limit (period 100 ms) as before, and was held back in 0 periods since',
      },
    });
    expect(record.injection?.evidence).toMatch(
      /^orders-0 \(container 00000000\) waited [\d.]+ ms for [\d.]+ ms of work, 2\.0 ms per ms \(before 0\.0, predicted [\d.]+ more, seen from 1\.0\), held back at 0\.333 CPUs \(3\.333 ms in each 10 ms\) in \d+ periods; probes are alive$/,
    );
    expect(record.timers[0]).toBe(
      'orders-0 (container 00000000) gets 0.333 CPUs (3.333 ms in each 10 ms), before no CPU limit (period 100 ms): each ms of work of a busy thread costs 2 ms more of waiting.',
    );
    expect(await limitsOf(one, 'orders')).toEqual([NONE]);
  });

  it('is not injected on an idle container, with what it used as the evidence', async () => {
    const one = newStage({ idle: ['planner'] });
    const record = await one.run(stress('planner'));
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toContain(
      'planner-0 (container 00000000) is idle (used 0.00 ms of CPU in',
    );
    expect(await limitsOf(one, 'planner')).toEqual([NONE]);
  });

  it('is not injected when the limit is in place and holds nobody back', async () => {
    const record = await newStage({ limitIgnored: true }).run(stress('orders'));
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toContain(
      '0.0 ms per ms (before 0.0, predicted 2.0 more, seen from 1.0)',
    );
    expect(record.injection?.evidence).toContain('in 0 periods');
  });

  it('needs 1 ms for each ms of work, however much more is predicted', async () => {
    const record = await newStage().run(stress('orders', { workers: 8 }));
    expect(record.status).toBe('injected');
    expect(record.injection?.evidence).toMatch(/predicted 8\.0 more, seen from 1\.0\), held back/);
  });

  it('lowers a limit that is there, and gives exactly that one back', async () => {
    const half = { quotaUs: 25_000, periodUs: 50_000 };
    const one = newStage({ cpuLimit: half });
    const plan = await planOf(one, 'orders', { workers: 4 });
    await cpuStress.apply(plan, one.world, ms(3000));
    expect(await limitsOf(one, 'orders')).toEqual([{ quotaUs: 1000, periodUs: 10_000 }]);
    if (plan.undo === null) throw new Error('no undo');
    await cpuStress.undo(plan.undo, one.world);
    expect(await limitsOf(one, 'orders')).toEqual([half]);
    expect((await cpuStress.removed(plan.undo, one.world)).evidence).toBe(
      'orders-0 (container 00000000) has 0.5 CPUs (25 ms in each 50 ms) as before',
    );
  });

  it('takes a half-written limit back too', async () => {
    const one = newStage();
    const plan = await planOf(one, 'orders');
    await cpuStress.apply(plan, one.world, ms(3000));
    one.target.limits.update('orders-0', { quotaUs: 3333, periodUs: 100_000 });
    if (plan.undo === null) throw new Error('no undo');
    expect(await cpuStress.removed(plan.undo, one.world)).toMatchObject({ gone: false });
    await cpuStress.undo(plan.undo, one.world);
    expect(await limitsOf(one, 'orders')).toEqual([NONE]);
  });

  it('is lost when another party sets a limit, which stays', async () => {
    const one = newStage();
    const plan = await planOf(one, 'orders');
    await cpuStress.apply(plan, one.world, ms(3000));
    expect(await cpuStress.renew(plan, one.world, ms(3000))).toBe(true);
    const theirs = { quotaUs: 150_000, periodUs: 100_000 };
    one.target.limits.update('orders-0', theirs);
    expect(await cpuStress.renew(plan, one.world, ms(3000))).toBe(false);
    if (plan.undo === null) throw new Error('no undo');
    await cpuStress.undo(plan.undo, one.world);
    expect(await limitsOf(one, 'orders')).toEqual([theirs]);
    expect(await cpuStress.removed(plan.undo, one.world)).toEqual({
      gone: true,
      evidence:
        'orders-0 (container 00000000) has 1.5 CPUs (150 ms in each 100 ms), set by another party since: it was left',
    });
  });

  it('does not begin where the limit has changed since the plan', async () => {
    const one = newStage();
    const plan = await planOf(one, 'orders');
    one.target.limits.update('orders-0', { quotaUs: 150_000, periodUs: 100_000 });
    await expect(cpuStress.apply(plan, one.world, ms(3000))).rejects.toThrow(
      'orders-0 (container 00000000) no longer has no CPU limit (period 100 ms): another party set its limit',
    );
  });

  it('ends with the run of the container', async () => {
    const one = newStage();
    const plan = await planOf(one, 'orders');
    await cpuStress.apply(plan, one.world, ms(3000));
    const [victim] = one.target.instances('orders');
    if (victim === undefined || plan.undo === null) throw new Error('no victim');
    one.target.kill(victim);
    expect(await cpuStress.renew(plan, one.world, ms(3000))).toBe(false);
    await drive(one.clock, cpuStress.undo(plan.undo, one.world));
    expect(await cpuStress.removed(plan.undo, one.world)).toEqual({
      gone: true,
      evidence: 'orders-0 (container 00000000) is gone for another reason, and its limit with it',
    });
  });

  it('refuses a container name, which only pods have', async () => {
    await expect(planOf(newStage(), 'orders', { container: 'app' })).rejects.toThrow(
      'Leave it out: here an instance is one container.',
    );
  });
});

describe('the limit next to N workers', () => {
  const before = fc.record({
    quotaUs: fc.option(fc.integer({ min: LEAST_QUOTA_US, max: 64_000_000 })),
    periodUs: fc.integer({ min: 1000, max: MOST_PERIOD_US }),
  });
  const workers = fc.integer({ min: 1, max: 8 });

  it('is one that the kernel takes, below the one before, of about the share, or refused', () => {
    fc.assert(
      fc.property(before, workers, (limit, count) => {
        const share = Math.min(1, cpusIn(limit)) / (count + 1);
        try {
          const lower = limitNextTo('x', limit, count);
          expect(Number.isInteger(lower.quotaUs) && Number.isInteger(lower.periodUs)).toBe(true);
          expect(lower.quotaUs).toBeGreaterThanOrEqual(LEAST_QUOTA_US);
          expect(lower.periodUs).toBeLessThanOrEqual(MOST_PERIOD_US);
          expect(cpusIn(lower)).toBeLessThan(cpusIn(limit));
          expect(cpusIn(lower) / share).toBeGreaterThan(0.99);
          expect(cpusIn(lower) / share).toBeLessThan(1.01);
          expect(predictedHold(limit, lower)).toBeGreaterThan(0.9);
        } catch (error) {
          if (!(error instanceof GauntletError)) throw error;
          expect(share).toBeLessThan(LEAST_QUOTA_US / MOST_PERIOD_US);
        }
      }),
    );
  });
});
