/** A restart of all instances: what it replaces, what it waits for, and what it never starts on. */
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../../../src/chaos/fault.ts';
import { rollingRestart } from '../../../../../src/chaos/faults/instances/rolling-restart.ts';
import { guardProblems } from '../../../../../src/chaos/guards/policy.ts';
import type { Snapshot } from '../../../../../src/chaos/observation.ts';
import { epochMs, ms } from '../../../../../src/core/units.ts';
import { OPEN_POLICY, planned, stages } from '../../stage.ts';

const newStage = stages();
const restart = (more: object = {}, service = 'web') => planned('rolling-restart', { service, ...more });

async function planOf(one: ReturnType<typeof newStage>, more: object = {}, service = 'web') {
  return await rollingRestart.plan(restart(more, service).spec as never, one.world);
}

describe('rolling-restart', () => {
  it('names every wrong parameter at once, and gives its time limit to the run', () => {
    const parsed = rollingRestart.parse({ timeout: '0.2s', 'accept-outage': 'no', for: '3s' });
    expect(parsed.ok ? [] : parsed.problems.map((one) => `${one.path}: ${one.expected}`)).toEqual([
      'for: nothing: this fault has no duration, it ends when it is done',
      'service: the name of a service, such as orders',
      'timeout: a duration of at least 1s',
      'accept-outage: true or false',
    ]);
    expect(rollingRestart.parse({ service: 'web', timeout: '90s' })).toMatchObject({
      ok: true,
      holdMs: null,
      endsInMs: 90_000,
    });
  });

  it('replaces every instance, one after another, and lasts until the last one is ready', async () => {
    const one = newStage({ replicas: { web: 3 } });
    const before = one.target.instances('web');
    const record = await one.run(restart());
    expect(record).toMatchObject({ status: 'injected', cutShort: null, endedBy: null });
    expect(record.victim).toBe('all 3 instances of web (Deployment web)');
    expect(record.injection?.evidence).toBe('the restart has begun: web-0 (pid 100) is gone');
    expect(record.removal?.evidence).toBe('all 3 old instances are replaced, 3 of 3 instances are ready');
    expect(one.target.acts).toEqual(['roll']);
    const after = one.target.instances('web');
    expect(after.filter((each) => before.some((old) => old.pid === each.pid))).toEqual([]);
    const lives = one.target.lives('web').filter((life) => life.endedAt !== null);
    const successors = one.target.lives('web').filter((life) => life.endedAt === null);
    // The next one goes only when the successor of the one before is ready.
    for (const [index, life] of lives.slice(1).entries()) {
      expect(life.endedAt).toBeGreaterThanOrEqual(successors[index]?.readyAt ?? Number.NaN);
    }
    expect(record.removedAt).toBeGreaterThanOrEqual(successors.at(-1)?.readyAt ?? Number.NaN);
    expect((record.removedAt ?? 0) - (record.injectedAt ?? 0)).toBeGreaterThan(2000);
  });

  it('is completed by the platform when it is interrupted in the middle', async () => {
    const one = newStage({ replicas: { web: 3 } });
    const stop = new AbortController();
    const watched: typeof rollingRestart = {
      ...rollingRestart,
      async undo(record, world) {
        stop.abort(new Error('SIGINT'));
        await rollingRestart.undo(record, world);
      },
    };
    const record = await one.run(restart(), { signal: stop.signal, faults: [watched as Fault] });
    expect(record.status).toBe('injected');
    expect(record.removal?.evidence).toBe('all 3 old instances are replaced, 3 of 3 instances are ready');
  });

  it('is residue when it does not come to its end in time, with how far it came', async () => {
    const one = newStage({ replicas: { web: 3 }, readyMs: 8000 });
    const record = await one.run(restart());
    expect(record.status).toBe('residue');
    expect(record.removal?.evidence).toBe('the restart of Deployment web has 1 of 3 new instances');
  });

  it('is not injected where it is accepted without an effect', async () => {
    const one = newStage({ unrollable: true });
    const record = await one.run(restart());
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toBe('no instance of web was replaced yet');
  });

  it('does not begin while another rollout is under way', async () => {
    const one = newStage({ workload: { isSettled: false } });
    const record = await one.run(restart(), { removalTimeoutMs: ms(100) });
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toBe(
      'the act failed: a rollout of Deployment web is under way already',
    );
    expect(one.target.acts).toEqual([]);
  });

  it('is refused where a restart would not replace every instance, with the reason and the way out', async () => {
    const noRestart = {
      why: 'its rollout is paused',
      fix: 'Its owner resumes it with: kubectl rollout resume',
    };
    const one = newStage({ workload: { noRestart } });
    await expect(planOf(one)).rejects.toMatchObject({
      kind: 'refused',
      problems: [
        {
          subject: 'rolling-restart on Deployment web',
          expected: 'a workload whose restart replaces every instance',
          got: 'its rollout is paused',
          next: 'Its owner resumes it with: kubectl rollout resume',
        },
      ],
    });
  });

  it('asks the guards about the most instances that are missing at once', async () => {
    const all = newStage({ workload: { mostMissing: 2 } });
    const problems = await guardProblems(await planOf(all), OPEN_POLICY, all.world, ms(0));
    expect(problems).toEqual([
      {
        subject: 'rolling-restart on web',
        expected: 'at least one of 2 replicas left ready',
        got: '0 ready after removing 2',
        next: 'Take fewer, or declare the outage with accept-outage: true.',
      },
    ]);
    const accepted = await planOf(all, { 'accept-outage': true });
    expect(await guardProblems(accepted, OPEN_POLICY, all.world, ms(0))).toEqual([]);
    const one = newStage();
    expect(await guardProblems(await planOf(one), OPEN_POLICY, one.world, ms(0))).toEqual([]);
    const guarded = { ...OPEN_POLICY, protected: ['web'] };
    expect(await guardProblems(await planOf(one), guarded, one.world, ms(0))).toMatchObject([
      { got: 'web, which policy.protected lists' },
    ]);
  });

  it('loses brokers one at a time: each must be spared by the quorum, all at once need not', async () => {
    const one = newStage();
    const plan = await planOf(one, {}, 'kafka-1');
    expect(plan.impact.brokersInTurn).toEqual([1]);
    const inTurn = { ...plan, impact: { ...plan.impact, brokersInTurn: [1, 2, 3] } };
    expect(await guardProblems(inTurn, OPEN_POLICY, one.world, ms(0))).toEqual([]);
    const atOnce = { ...plan, impact: { ...plan.impact, brokersLost: [1, 2, 3] } };
    expect(await guardProblems(atOnce, OPEN_POLICY, one.world, ms(0))).not.toEqual([]);
  });

  it('does not take the mark of another restart for its own', async () => {
    const one = newStage();
    const plan = await planOf(one);
    const [workload] = (await one.world.platform.workloads?.list('web')) ?? [];
    if (workload === undefined) throw new Error('no workload');
    const snapshot: Snapshot = {
      at: epochMs(1050),
      instances: [],
      workloads: [{ ...workload, mark: '2026-11-29T00:00:00.000Z', updated: 2 }],
    };
    const none = { held: [], fresh: [] };
    const evidence = { appliedAt: epochMs(1000), baseline: none, since: none, snapshotsBefore: [] };
    const judged = { ...evidence, snapshots: [snapshot] };
    expect(rollingRestart.expect({ ...plan, probes: [] }).judge(judged)).toMatchObject({ kind: 'not-yet' });
    const own = { ...snapshot, workloads: [{ ...workload, mark: plan.act.mark, updated: 1 }] };
    const mine = { ...evidence, snapshots: [own] };
    expect(rollingRestart.expect({ ...plan, probes: [] }).judge(mine)).toMatchObject({ kind: 'seen' });
  });

  it('says of a restart that was never begun that it was not, once the service is whole', async () => {
    const one = newStage();
    const plan = await planOf(one);
    if (plan.undo === null) throw new Error('no undo');
    expect(await rollingRestart.removed(plan.undo, one.world)).toEqual({
      gone: true,
      evidence:
        'Deployment web does not carry the mark of this restart (never begun, or another came after it), 2 of 2 instances are ready',
    });
  });
});
