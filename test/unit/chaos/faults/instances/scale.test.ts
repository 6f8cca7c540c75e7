/** Another number of instances: its bounds, its undo by compare and set, and who else may set it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../../../src/chaos/fault.ts';
import { scale } from '../../../../../src/chaos/faults/instances/scale.ts';
import { guardProblems } from '../../../../../src/chaos/guards/policy.ts';
import { ms } from '../../../../../src/core/units.ts';
import { OPEN_POLICY, planned, stages, traces } from '../../stage.ts';

const newStage = stages();
const to = (count: number, more: object = {}) =>
  planned('scale', { service: 'web', to: count, for: '2s', ...more });
const planOf = (one: ReturnType<typeof newStage>, count: number, more: object = {}) =>
  scale.plan(to(count, more).spec as never, one.world);
const refusal = async (plan: Promise<unknown>): Promise<unknown> =>
  await plan.catch((error: { readonly problems?: unknown }) => error.problems);

describe('scale', () => {
  it('names every wrong parameter at once', () => {
    const parsed = scale.parse({ to: 1.5 });
    expect(parsed.ok ? [] : parsed.problems.map((one) => `${one.path}: ${one.expected}; ${one.got}`)).toEqual(
      [
        'service: the name of a service, such as orders; nothing',
        'to: a whole number of instances, inside the replicas of the service in its system; 1.5',
        'for: a duration with a unit (us, ms, s, m, h), such as 500ms or 8s, greater than 0; nothing',
      ],
    );
    expect(scale.parse({ service: 'web', to: '4', for: '2s' })).toMatchObject({ ok: true, spec: { to: 4 } });
  });

  it('adds instances, holds them, and takes exactly those away again', async () => {
    const one = newStage();
    const before = traces(one.target);
    const pids = one.target.instances('web').map((each) => each.pid);
    const record = await one.run(to(4));
    expect(record).toMatchObject({ status: 'injected', cutShort: null });
    expect(record.victim).toBe('Deployment web of web (2 to 4)');
    expect(record.injection?.evidence).toBe('4 instances of web exist, 2 of them ready; 4 are wanted');
    expect(record.removal?.evidence).toBe(
      'Deployment web wants 2 instances as before, 2 of 2 instances are ready',
    );
    expect((record.removedAt ?? 0) - (record.injectedAt ?? 0)).toBeGreaterThanOrEqual(2000);
    expect(one.target.acts).toEqual(['scale', 'scale']);
    expect(traces(one.target)).toEqual(before);
    expect(one.target.instances('web').map((each) => each.pid)).toEqual(pids);
  });

  it('takes instances away and waits until the new ones are ready', async () => {
    const one = newStage({ replicas: { web: 3 } });
    const record = await one.run(to(1));
    expect(record.status).toBe('injected');
    expect(record.injection?.evidence).toBe('1 instances of web exist, 1 of them ready; 1 are wanted');
    expect(record.removal?.evidence).toBe(
      'Deployment web wants 3 instances as before, 3 of 3 instances are ready',
    );
    const last = one.target.lives('web').at(-1)?.readyAt ?? Number.NaN;
    expect(record.removedAt).toBeGreaterThanOrEqual(last);
  });

  it('stays inside the replicas that the system declares', async () => {
    const one = newStage();
    const outside = {
      subject: 'scale.to',
      expected: 'from 1 to 4, the replicas of web in its system',
    };
    expect(await refusal(planOf(one, 5))).toEqual([{ ...outside, got: '5' }]);
    expect(await refusal(planOf(one, 0))).toEqual([{ ...outside, got: '0' }]);
    expect(await refusal(planOf(one, 2, { service: 'planner' }))).toEqual([
      {
        subject: 'scale.to',
        expected: '1, the replicas of planner in its system',
        got: '2',
        next: 'Declare the bounds in system.yaml: services.planner.replicas: { min: 1, max: 2 }.',
      },
    ]);
    const { replicas: _, ...platform } = one.world.platform;
    const unknown = scale.plan(to(3).spec as never, { ...one.world, platform });
    expect(await refusal(unknown)).toMatchObject([
      { expected: 'a service whose system declares its replicas', got: 'web' },
    ]);
    expect(one.target.acts).toEqual([]);
  });

  it('is refused where an autoscaler or an operator sets the number', async () => {
    const scaled = newStage({ scaler: 'HorizontalPodAutoscaler web' });
    expect(await refusal(planOf(scaled, 3))).toEqual([
      {
        subject: 'scale on Deployment web',
        expected: 'a workload whose number of instances is nobody else’s to set',
        got: 'HorizontalPodAutoscaler web, which sets it and would undo the fault',
        next: 'Make load for the autoscaler instead, or remove it from this copy of the system.',
      },
    ]);
    const setBy = { why: 'Shop main owns it and decides about it', fix: 'Choose another service.' };
    const owned = newStage({ workload: { setBy } });
    expect(await refusal(planOf(owned, 3))).toMatchObject([{ got: setBy.why, next: setBy.fix }]);
  });

  it('leaves a number that somebody else has set meanwhile, says so, and is residue', async () => {
    const one = newStage();
    const meddling: typeof scale = {
      ...scale,
      async undo(record, world) {
        if (one.target.counts()['web'] === 4) one.target.scale('web', 3);
        await scale.undo(record, world);
      },
    };
    const record = await one.run(to(4), { faults: [meddling as Fault] });
    expect(record.status).toBe('residue');
    expect(record.removal?.evidence).toBe(
      'Deployment web wants 3 instances: another party changed it meanwhile (before 2, by us 4); not overwritten',
    );
    expect(one.target.counts()['web']).toBe(3);
  });

  it('is cut short when the number changes while it is held', async () => {
    const one = newStage();
    const changed: typeof scale = {
      ...scale,
      async renew(plan, world, ttl) {
        if (one.events.some((event) => event.kind === 'fault-injected')) one.target.scale('web', 2);
        return await scale.renew(plan, world, ttl);
      },
    };
    const record = await one.run(to(4), { faults: [changed as Fault] });
    expect(record).toMatchObject({ status: 'injected', endedBy: 'effect-lost' });
    expect(one.target.counts()['web']).toBe(2);
  });

  it('does nothing where the service has that number already', async () => {
    const one = newStage();
    const record = await one.run(to(2));
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toBe(
      'the act failed: Deployment web has 2 instances already: nothing would change',
    );
    expect(one.target.acts).toEqual([]);
  });

  it('asks the guards about what is taken away', async () => {
    const one = newStage();
    expect((await planOf(one, 4)).impact.killed).toEqual([]);
    const down = await planOf(one, 1);
    expect(down.impact.killed).toEqual([{ service: 'web', victims: 1, replicas: 2, readyLeft: 1 }]);
    expect(await guardProblems(down, OPEN_POLICY, one.world, ms(0))).toEqual([]);
    const protectedWeb = { ...OPEN_POLICY, protected: ['web'] };
    expect(await guardProblems(down, protectedWeb, one.world, ms(0))).toMatchObject([
      { got: 'web, which policy.protected lists' },
    ]);
  });

  it('comes back to the former number from any to any other', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        async (from, count) => {
          const one = newStage({ replicas: { web: from } });
          const plan = await planOf(one, count);
          await scale.apply(plan, one.world, ms(3000)).catch(() => undefined);
          expect(one.target.counts()['web']).toBe(count);
          if (plan.undo === null) throw new Error('no undo');
          await scale.undo(plan.undo, one.world);
          await scale.undo(plan.undo, one.world);
          expect(one.target.counts()['web']).toBe(from);
          await one.clock.advance(2000);
          expect(await scale.removed(plan.undo, one.world)).toMatchObject({ gone: true });
        },
      ),
      { numRuns: 30 },
    );
  });
});
