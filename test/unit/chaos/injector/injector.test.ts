import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runFault } from '../../../../src/chaos/injector/injector.ts';
import { ms } from '../../../../src/core/units.ts';
import { drive, planned } from '../stage.ts';
import { kill, kinds, newStage, partition, throttle } from './injected.ts';

describe('a fault that does nothing is never called injected', () => {
  it('throttle-redis: the probe is as fast as before because traffic walks around the proxy', async () => {
    const one = newStage({ bypassed: true });
    const record = await one.run(throttle());
    expect(record.status).toBe('not-injected');
    expect(record.injectedAt).toBeNull();
    expect(record.injection?.evidence).toBe(
      'expected held ≥ 33.0 ms (median before 1.00 ms), fresh ≥ 33.0 ms (median before 1.00 ms)',
    );
    expect(kinds(one)).toContain('fault-not-injected');
    expect(one.target.placed.size).toBe(0);
  });

  it('partition-kafka: clients go on being answered', async () => {
    const record = await newStage({ bypassed: true }).run(partition('clients'));
    expect(record.status).toBe('not-injected');
    expect(record.injection).toMatchObject({
      held: 'ok after 1.00 ms',
      evidence: 'expected the held and the fresh connection to stall',
    });
  });

  it.each(['brokers', 'both'])(
    'partition-kafka from %s: links that carried nothing prove nothing',
    async (from) => {
      const record = await newStage({ idleLinks: 'kafka' }).run(partition(from));
      expect(record.status).toBe('not-injected');
      expect(record.injection?.evidence).toBe(
        'the inter-broker links carried nothing before the fault: nothing to cut',
      );
    },
  );

  it('noop: a dependency that stops answering is not the quiet that was expected', async () => {
    const one = newStage();
    const report = (event: { kind: string }): void => {
      if (event.kind === 'fault-applied') one.feed.break('redis');
    };
    const record = await one.run(planned('noop', { probe: 'redis', for: '1s' }), { report });
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toBe('expected both connections to continue to answer');
    expect(record.removal?.evidence).toBe('nothing was changed');
  });

  it('does not touch a target whose probes were not good before', async () => {
    const one = newStage();
    one.feed.break('redis');
    const record = await one.run(throttle());
    expect(record).toMatchObject({ status: 'not-injected', appliedAt: null, removal: null });
    expect(record.injection?.evidence).toBe(
      'redis was not good for 1000 ms before the act: held refused after 1.00 ms, fresh refused after 1.00 ms',
    );
    expect(one.target.acts).toEqual([]);
    expect(readFileSync(one.journal.path, 'utf8').trim().split('\n')).toHaveLength(1);
  });
});

describe('proofs', () => {
  it('stamps a cut within the sampling gap of the act, not at the deadline of the probe', async () => {
    const record = await newStage().run(partition('clients'));
    const afterAct = (record.injectedAt ?? Number.NaN) - (record.appliedAt ?? Number.NaN);
    expect(afterAct).toBeGreaterThanOrEqual(0);
    expect(afterAct).toBeLessThanOrEqual(101);
    expect(record.injection).toMatchObject({ held: 'stalled after 400 ms', fresh: 'stalled after 400 ms' });
    expect(record.injection?.boundMs).toBeLessThanOrEqual(101);
  });

  it('among brokers believes Kafka itself: in-sync sets left, links silent, while probes are still answered', async () => {
    const record = await newStage().run(partition('brokers'));
    expect(record.status).toBe('injected');
    expect(record.injection?.held).toBe('ok after 1.00 ms');
    expect(record.injection?.evidence).toMatch(
      /^kafka-1 left all 3 in-sync replica sets; 8 inter-broker links idle \(\d+ bytes in the interval before\)$/,
    );
    expect((record.injectedAt ?? 0) - (record.appliedAt ?? 0)).toBeGreaterThanOrEqual(1500);
  });

  it('a kill behind other replicas is proven by the identity that is gone', async () => {
    const one = newStage();
    const record = await one.run(kill({ service: 'web' }));
    expect(record.status).toBe('injected');
    expect(record.injection?.evidence).toMatch(
      /^web-\d \(pid \d+\) is gone, other replicas continue to serve$/,
    );
    expect(record.injection?.fresh).toBe('ok after 1.00 ms');
  });

  it('a successor that is quicker than the sampling does not hide the kill: the held connection broke', async () => {
    const record = await newStage({ restartMs: 10, readyMs: 20 }).run(kill());
    expect(record).toMatchObject({ status: 'injected' });
    expect(record.injection).toMatchObject({
      held: 'reset after 1.00 ms',
      fresh: 'ok after 1.00 ms',
      evidence: 'orders-0 (pid 102) is gone; its successor was ready before a fresh connection was refused',
    });
  });

  it('a service that no probe reaches is proven by the platform alone, and the receipt says so', async () => {
    const record = await newStage().run(kill({ service: 'planner' }));
    expect(record.injection).toMatchObject({
      held: 'no probe',
      fresh: 'no probe',
      evidence: 'planner-0 (pid 104) is gone; no probe reaches this service',
    });
    expect(record.removal).toMatchObject({ held: 'no probe', fresh: 'no probe' });
  });

  it('reports the recovery of a killed pod in stretches that sum to the whole', async () => {
    const record = await newStage().run(kill());
    const phases = record.pod?.phases ?? [];
    expect(phases.map((one) => one.ms)).toEqual([0, 300, 500, 1]);
    const sum = phases.reduce((total, one) => total + one.ms, 0);
    expect(sum).toBe((record.removedAt ?? 0) - (record.appliedAt ?? 0));
  });

  it('holds for the whole time after the proof, however late the proof was', async () => {
    const record = await newStage().run(partition('brokers'));
    expect((record.removedAt ?? 0) - (record.injectedAt ?? 0)).toBeGreaterThanOrEqual(300);
  });

  it('calls back once, at the instant of the proof', async () => {
    const seen: number[] = [];
    const record = await newStage().run(throttle(), { onInjected: (at) => seen.push(at) });
    expect(seen).toEqual([record.injectedAt]);
  });
});

describe('the victim is chosen when the fault fires', () => {
  it('follows a leader that moves while the baseline is taken', async () => {
    const one = newStage();
    const running = runFault(one.request(partition('both', 'leader of orders.new')));
    await one.clock.advance(500);
    one.target.partitions = one.target.partitions.map((each) => ({ ...each, leader: 3 }));
    const record = await drive(one.clock, running);
    expect(record.victim).toBe('kafka-3 (leader of orders.new)');
    expect(record.status).toBe('injected');
  });

  it('gives up on a leader that never stays', async () => {
    const one = newStage();
    const running = runFault(one.request(partition('both', 'leader of orders.new')));
    let leader = 1;
    const timer = (async () => {
      for (let count = 0; count < 20; count += 1) {
        await one.clock.sleep(ms(500));
        leader = (leader % 3) + 1;
        one.target.partitions = one.target.partitions.map((each) => ({ ...each, leader }));
      }
    })();
    const record = await drive(one.clock, running);
    expect(record.injection?.evidence).toBe('the victim changed 3 times while it was watched');
    expect(one.target.acts).toEqual([]);
    await drive(one.clock, timer);
  });

  it('asks the guards again right before the act', async () => {
    const one = newStage();
    const running = runFault(one.request(partition('both')));
    running.catch(() => undefined);
    await one.clock.advance(500);
    one.target.partitions = one.target.partitions.map((each) => ({ ...each, isr: [1, 2] }));
    await expect(drive(one.clock, running)).rejects.toThrow(
      'partition-kafka on kafka-1: expected at least 2 in-sync replicas left in every partition, ' +
        'got fewer in orders.new-0, orders.new-1, orders.new-2. ' +
        'Wait until the in-sync replicas are complete, or choose another broker.',
    );
    expect(one.target.acts).toEqual([]);
  });
});
