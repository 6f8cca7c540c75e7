import { describe, expect, it } from 'vitest';
import { faultNamed } from '../../../../../src/chaos/faults/registry.ts';
import type { Problem } from '../../../../../src/core/errors.ts';
import { asContainers } from '../../../../fakes/fake-containers.ts';
import { OPEN_POLICY, planned, type Stage, stages } from '../../stage.ts';

const newStage = stages();
const kill = (broker: unknown, more: object = {}) => planned('kill-broker', { broker, ...more });
const slow = (broker: unknown, more: object = {}) =>
  planned('slow-broker', { broker, latency: '60ms', for: '300ms', ...more });
const planOf = (fault: ReturnType<typeof planned>, one: Stage) =>
  faultNamed(fault.kind).plan(fault.spec, one.world);
const problemsOf = (name: string, raw: unknown): string[] => {
  const parsed = faultNamed(name).parse(raw);
  return parsed.ok ? [] : parsed.problems.map((one) => `${one.path}: ${one.expected}; ${one.got}`);
};
const BROKER = 'broker: a broker id such as 1, `leader of <topic>`, or `controller`';

describe('kill-broker', () => {
  it('names every wrong parameter at once', () => {
    expect(problemsOf('kill-broker', { broker: 'leader', signal: 'SIGSTOP', for: '5s' })).toEqual([
      'for: nothing: this fault has no duration, it ends when it is done; "5s"',
      `${BROKER}; "leader"`,
      'signal: one of SIGKILL, SIGTERM; "SIGSTOP"',
    ]);
  });

  it('resolves a role when it fires, and says by which role it chose', async () => {
    const one = newStage();
    one.target.controller = 3;
    expect((await planOf(kill('controller'), one)).victim).toMatch(
      /^kafka-3 \(pid \d+\) \(active controller\)$/,
    );
    expect((await planOf(kill('leader of orders.new'), one)).victim).toMatch(
      /^kafka-1 \(pid \d+\) \(leader of orders\.new\)$/,
    );
    expect((await planOf(kill(2), one)).victim).toMatch(/^kafka-2 \(pid \d+\)$/);
    await expect(planOf(kill(9), one)).rejects.toThrow(
      'kill-broker.broker: expected one of 1, 2, 3, got 9. Did you mean 1?',
    );
  });

  it('names the broker beside a container, whose own number is none', async () => {
    const one = newStage();
    const world = { ...one.world, platform: asContainers(one.target) };
    const { spec } = kill(2);
    expect((await faultNamed('kill-broker').plan(spec, world)).victim).toMatch(
      /^kafka-2 \(container \d{8}\), which is kafka-2$/,
    );
  });

  it('takes no container or process for a broker because of a number in its name, and says what is not proven', async () => {
    const one = newStage();
    const { instances, ...platform } = asContainers(one.target);
    if (instances === undefined) throw new Error('no instances');
    const list = async () =>
      (await instances.list()).map((each) =>
        each.service === 'kafka-2' ? { ...each, service: 'kafka', instance: 'kafka-2' } : each,
      );
    const planWith = async (unproven: Readonly<Record<string, readonly Problem[]>>) => {
      const world = { ...one.world, platform: { ...platform, instances: { ...instances, list, unproven } } };
      return (await faultNamed('kill-broker').plan(kill(2).spec, world)).victim;
    };
    await expect(planWith({})).rejects.toThrow(
      'kill-broker.service: expected one of kafka, kafka-1, kafka-3',
    );
    const why = { expected: 'a container that serves kafka-2:9092', got: 'none' };
    const typo = { subject: 'services.kafka.find.docker', expected: 'Compose services', got: '"kafak"' };
    await expect(
      planWith({ kafka: [typo, { subject: 'kafka-2', ...why }, { subject: 'kafka-3', ...why }] }),
    ).rejects.toThrow(
      /^services\.kafka\.find\.docker: expected Compose services, got "kafak"\.\nkafka-2: expected a container that serves kafka-2:9092, got none\.$/,
    );
  });

  it('is seen on both connections, and the stretches of its recovery sum to the whole', async () => {
    const one = newStage();
    const record = await one.run(kill(1));
    expect(record).toMatchObject({
      status: 'injected',
      injection: { held: 'reset after 1.00 ms', fresh: 'refused after 1.00 ms' },
      removal: { evidence: 'the old process is gone, 1 of 1 instances are ready' },
    });
    const stretches = record.pod?.phases ?? [];
    expect(stretches).toHaveLength(4);
    expect(stretches.reduce((sum, each) => sum + each.ms, 0)).toBe(
      (record.removedAt ?? 0) - (record.appliedAt ?? 0),
    );
  });

  it('is refused while the in-sync replicas or the quorum would not survive it, and where Kafka is protected', async () => {
    const thin = newStage();
    thin.target.partitions = thin.target.partitions.map((each) => ({ ...each, isr: [1, 2] }));
    await expect(thin.run(kill(1))).rejects.toThrow(
      'kill-broker on kafka-1 (pid 105): expected at least 2 in-sync replicas left in every partition, got fewer in ' +
        'orders.new-0, orders.new-1, orders.new-2. Wait until the in-sync replicas are ' +
        'complete, or choose another broker.\n' +
        'kill-broker on kafka-1 (pid 105): expected a quorum of 2 controllers left, got 1 of 3.',
    );
    expect(thin.target.acts).toEqual([]);
    const policy = { ...OPEN_POLICY, protected: ['kafka'] };
    await expect(newStage().run(kill(1), { policy })).rejects.toThrow(
      'kill-broker on kafka-1 (pid 105): expected a victim that is not protected, got kafka, ' +
        'which policy.protected lists.',
    );
  });
});

describe('slow-broker', () => {
  it('wants a broker, and bandwidth or latency', () => {
    expect(problemsOf('slow-broker', { for: '5s' })).toEqual([
      `${BROKER}; nothing`,
      ': at least one of bandwidth and latency; nothing',
    ]);
  });

  it('slows all links to the broker and from it, and no other', async () => {
    const one = newStage();
    const { touches } = await planOf(slow(2), one);
    const all = one.target.links().filter((link) => [link.from, link.to].includes('kafka-2'));
    expect([...touches].sort()).toEqual(all.map((link) => link.name).sort());
    expect(touches).toHaveLength(3 + 8);
  });

  it('is seen by the probes and counted by the links', async () => {
    const record = await newStage().run(slow(2));
    expect(record).toMatchObject({
      status: 'injected',
      injection: {
        held: 'ok after 61.0 ms',
        fresh: 'ok after 61.0 ms',
        evidence:
          'slower as predicted: held ≥ 49.0 ms (median before 1.00 ms), fresh ≥ 49.0 ms (median before 1.00 ms)',
      },
    });
  });

  it('is not injected behind a bypassed proxy, nor by a bandwidth without an effect', async () => {
    expect((await newStage({ bypassed: true }).run(slow(2))).status).toBe('not-injected');
    const wide = planned('slow-broker', { broker: 2, bandwidth: '1gbit', for: '300ms' });
    const record = await newStage().run(wide);
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toMatch(
      /^web->kafka-2 and 10 more links: predicted 0\.00 ms for each chunk, too little to be distinguished from noise$/,
    );
  });

  it('is refused while the others could not do without the broker', async () => {
    const thin = newStage();
    thin.target.partitions = thin.target.partitions.map((each) => ({ ...each, isr: [1, 2] }));
    await expect(thin.run(slow(2))).rejects.toThrow(
      /expected at least 2 in-sync replicas left in every partition/,
    );
  });
});
