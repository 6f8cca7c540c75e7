import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../../../src/chaos/fault.ts';
import { judgeWrites } from '../../../../../src/chaos/faults/kafka/topic-proof.ts';
import { faultNamed } from '../../../../../src/chaos/faults/registry.ts';
import { openEntries } from '../../../../../src/chaos/healing/journal.ts';
import { recoverAll } from '../../../../../src/chaos/healing/recover.ts';
import type { WriteAnswer } from '../../../../../src/core/acts/kafka-topic-acts.ts';
import { epochMs, ms } from '../../../../../src/core/units.ts';
import type { FakeOptions } from '../../../../fakes/fake-platform.ts';
import { drive, planned, type Stage, stages } from '../../stage.ts';

const NAME = 'kafka-max-message';
const newStage = stages();
const fault = faultNamed(NAME);
const spec = (raw: object = {}) => planned(NAME, { topic: 'orders.new', for: '1s', ...raw });
const planOn = (one: Stage, raw: object = {}) => fault.plan(spec(raw).spec, one.world);
const isInjected = async (one: Stage): Promise<void> => {
  while (!one.events.some((event) => event.kind === 'fault-injected')) {
    await new Promise((resolve) => setImmediate(resolve));
  }
};

describe('what it takes', () => {
  it('is a topic and a duration, and all that is wrong comes at once', () => {
    const parsed = fault.parse({ topic: 'orders new', for: 5 });
    expect(parsed.ok ? [] : parsed.problems.map((one) => `${one.path}: ${one.expected}; ${one.got}`)).toEqual(
      [
        'topic: the name of a topic; "orders new"',
        'for: a duration with a unit (us, ms, s, m, h), such as 500ms or 8s, greater than 0; 5',
      ],
    );
  });

  it('is no topic that does not exist, with the nearest name', async () => {
    await expect(planOn(newStage(), { topic: 'orders.nw' })).rejects.toMatchObject({
      kind: 'usage',
      message:
        'kafka-max-message.topic: expected one of orders.new, got "orders.nw". Did you mean orders.new?',
    });
  });

  it.each(['__consumer_offsets', '__transaction_state', '_schemas'])('is not %s', async (topic) => {
    await expect(planOn(newStage(), { topic })).rejects.toMatchObject({
      kind: 'usage',
      message: `kafka-max-message.topic: expected one of orders.new, got ${topic}, in which Kafka or its tools keep what is theirs.`,
    });
  });
});

describe('a plan', () => {
  const refusal = async (options: FakeOptions, topic: Partial<Stage['target']['topic']> = {}) => {
    const one = newStage(options);
    Object.assign(one.target.topic, topic);
    const error: unknown = await planOn(one).catch((reason: unknown) => reason);
    expect(one.target.acts).toEqual([]);
    return error;
  };

  it('says the value that comes back', async () => {
    const one = newStage();
    expect((await planOn(one)).timers[0]).toBe(
      'max.message.bytes of orders.new is 1048588 (inherited) and is restored.',
    );
    one.target.topic.own = '2000';
    expect((await planOn(one)).timers[0]).toBe(
      'max.message.bytes of orders.new is 2000 (its own) and is restored.',
    );
  });

  it('is refused with every right that the login lacks', async () => {
    expect(await refusal({ topicLacks: ['Write', 'AlterConfigs'] })).toMatchObject({
      kind: 'refused',
      message:
        'kafka-max-message: topic orders.new: expected a login that may Write, got one that may not. ' +
        'Give its user this right: kafka-acls --add --operation Write --topic orders.new\n' +
        'kafka-max-message: topic orders.new: expected a login that may AlterConfigs, got one that may not. ' +
        'Give its user this right: kafka-acls --add --operation AlterConfigs --topic orders.new',
    });
  });

  it('is refused in the words of a policy of the brokers', async () => {
    const words = 'POLICY_VIOLATION: nobody lowers this';
    expect(await refusal({}, { policy: words })).toMatchObject({
      message: `max.message.bytes of topic orders.new: expected a Kafka that takes 100, got ${words}.`,
    });
  });

  it('is refused where the limit is as low already', async () => {
    expect(await refusal({}, { own: '90' })).toMatchObject({
      message: 'kafka-max-message: max.message.bytes of orders.new: expected more than 100, got 90.',
    });
  });

  it('is not made while brokers disagree', async () => {
    expect(await refusal({}, { stale: '2000' })).toMatchObject({
      message:
        'kafka-max-message: max.message.bytes of orders.new: expected brokers that agree on it, got 1048588 and 2000. ' +
        'A change reaches every broker within a second: try again.',
    });
  });
});

describe('a fault', () => {
  it('is proven at the leader of each partition, and says what it restored', async () => {
    const one = newStage();
    one.target.topic.own = '2000';
    const record = await one.run(spec());
    expect(record).toMatchObject({ status: 'injected', cutShort: null });
    expect(record.injection?.evidence).toBe(
      'the leader of every partition refuses records as too large: MESSAGE_TOO_LARGE for 3 partitions, from 3 leaders',
    );
    expect(record.removal?.evidence).toBe('max.message.bytes of orders.new is 2000 as before');
    expect(one.target.topic.own).toBe('2000');
  });

  it('is not injected where leaders take records all the same, and is undone', async () => {
    const one = newStage({ topicUnchanged: true });
    const record = await one.run(spec());
    expect([record.status, record.injection?.evidence]).toEqual([
      'not-injected',
      'expected the leader of every partition refuses records as too large; kafka-1 said CORRUPT_MESSAGE for partition 0 of orders.new',
    ]);
    expect([one.target.topic.own, openEntries(one.journal.path)]).toEqual([null, []]);
  });

  it('does not overwrite what somebody else set while it was held: residue, until it is as before', async () => {
    const one = newStage();
    const running = one.run(spec({ for: '3s' }));
    await isInjected(one);
    one.target.topic.own = '77';
    const record = await running;
    const evidence =
      'max.message.bytes of orders.new is 77: another client changed it meanwhile (before not set, by us 100); not overwritten';
    expect([record.status, record.removal?.evidence, record.cutShort]).toEqual([
      'residue',
      evidence,
      'the fault is not in place any more: it was not renewed in time, or another client ended it',
    ]);
    const recovery = {
      ...{ places: one.places, openPlatform: async () => one.world.platform, clock: one.clock },
      removalTimeoutMs: ms(200),
    };
    const first = await drive(one.clock, recoverAll(recovery));
    expect([first.residue.map((each) => each.evidence), one.target.topic.own]).toEqual([[evidence], '77']);
    one.target.topic.own = null;
    expect((await drive(one.clock, recoverAll(recovery))).residue).toEqual([]);
  });

  it('ends when a leader takes records again', async () => {
    const options = { topicUnchanged: false };
    const one = newStage(options);
    const running = one.run(spec({ for: '5s' }));
    await isInjected(one);
    options.topicUnchanged = true;
    const record = await running;
    expect(record.cutShort).toBe(
      'the fault is in place without effect: topic orders.new: expected leaders that refuse records, got ' +
        'kafka-1 would take one into 0, kafka-2 would take one into 1, kafka-3 would take one into 2.',
    );
    expect([record.endedBy, one.target.topic.own]).toEqual(['effect-lost', null]);
  });
});

describe('an undo', () => {
  const applied = async () => {
    const one = newStage();
    const plan = await planOn(one);
    await fault.apply(plan, one.world, ms(3000));
    if (plan.undo === null) throw new Error('no undo');
    return { one, plan, undo: plan.undo, topic: one.target.topic };
  };

  it('leaves a topic alone that was deleted or made again: the change went with it', async () => {
    const { one, plan, undo, topic } = await applied();
    const acts = [...one.target.acts];
    topic.id = undefined;
    expect(await fault.renew(plan, one.world, ms(3000))).toBe(false);
    await fault.undo(undo, one.world);
    expect(await fault.removed(undo, one.world)).toEqual({
      gone: true,
      evidence: 'orders.new was deleted, and its settings with it',
    });
    topic.id = 't2';
    await fault.undo(undo, one.world);
    expect(await fault.removed(undo, one.world)).toEqual({
      gone: true,
      evidence: 'orders.new was deleted and made again, without the change',
    });
    expect(one.target.acts).toEqual(acts);
  });

  it('is not done in another cluster, and what is left in the first is not called removed', async () => {
    const { one, undo, topic } = await applied();
    const acts = [...one.target.acts];
    topic.cluster = 'c2';
    await fault.undo(undo, one.world);
    expect(await fault.removed(undo, one.world)).toEqual({
      gone: false,
      evidence: 'kafka is another Kafka by now (cluster c2, the change is in c1)',
    });
    expect(one.target.acts).toEqual(acts);
  });

  it('is done while a broker that was cut off still says the value before', async () => {
    const { one, undo, topic } = await applied();
    topic.stale = null;
    await fault.undo(undo, one.world);
    expect(topic.own).toBe(null);
    topic.stale = '100';
    expect(await fault.removed(undo, one.world)).toEqual({
      gone: false,
      evidence: 'max.message.bytes of orders.new is still 100, it was not set',
    });
  });

  it('reads no other setting, and no name that is none, from a journal', () => {
    const good = {
      ...{ service: 'kafka', cluster: 'c1', topic: 'orders.new', id: 't1' },
      ...{ key: 'max.message.bytes', from: null, to: '100' },
    };
    expect(fault.undoShape.safeParse(good).success).toBe(true);
    for (const bad of [{ key: 'retention.ms' }, { topic: 'a b' }, { from: '-1' }, { to: null }]) {
      expect(fault.undoShape.safeParse({ ...good, ...bad }).success, JSON.stringify(bad)).toBe(false);
    }
  });
});

it('is not applied where the topic or its setting is another than in the plan', async () => {
  const one = newStage();
  const plan = await planOn(one);
  one.target.topic.own = '77';
  await expect(fault.apply(plan, one.world, ms(3000))).rejects.toThrow(
    'max.message.bytes of orders.new was changed by another client before the act',
  );
  one.target.topic.id = 't2';
  await expect(fault.apply(plan, one.world, ms(3000))).rejects.toThrow(
    'topic orders.new was deleted or made again before the act',
  );
  expect(one.target.acts).toEqual([]);
});

describe('its judge', () => {
  const asked = (at: number, ...answers: string[]) => ({
    at: epochMs(at),
    writes: answers.map((answer, partition): WriteAnswer => ({ partition, leader: 1, answer })),
  });
  const none = { held: [], fresh: [] };
  const judge = (over: Partial<Evidence>) =>
    judgeWrites(
      'bus',
      'orders',
      { refused: 'MESSAGE_TOO_LARGE', text: 'it refuses' },
      {
        ...{ appliedAt: epochMs(1000), baseline: none, since: none, snapshots: [] },
        snapshotsBefore: [asked(500, 'CORRUPT_MESSAGE', 'CORRUPT_MESSAGE')],
        ...over,
      },
    );

  it('dates the effect with the first question to which every leader says it', () => {
    const snapshots = [
      asked(1010, 'CORRUPT_MESSAGE', 'MESSAGE_TOO_LARGE'),
      asked(1060, 'MESSAGE_TOO_LARGE', 'MESSAGE_TOO_LARGE'),
      asked(1110, 'MESSAGE_TOO_LARGE', 'MESSAGE_TOO_LARGE'),
    ];
    expect(judge({ snapshots })).toMatchObject({ kind: 'seen', at: 1060, boundMs: 50 });
  });

  it.each([
    [
      'TOPIC_AUTHORIZATION_FAILED',
      'expected it refuses; bus-1 said TOPIC_AUTHORIZATION_FAILED for partition 1 of orders',
    ],
    [
      'no answer in 1000 ms',
      'expected it refuses; bus-1 said no answer in 1000 ms for partition 1 of orders',
    ],
  ])('takes %s for no proof, and says it', (answer, evidence) => {
    const snapshots = [asked(1010, 'MESSAGE_TOO_LARGE', answer)];
    expect(judge({ snapshots })).toMatchObject({ kind: 'not-yet', evidence });
  });

  it('takes nothing for a proof that was so before, or was not asked before', () => {
    const snapshots = [asked(1010, 'MESSAGE_TOO_LARGE')];
    expect(judge({ snapshots, snapshotsBefore: [asked(500, 'MESSAGE_TOO_LARGE')] })).toMatchObject({
      kind: 'not-yet',
      evidence: 'before the fault bus-1 said MESSAGE_TOO_LARGE for partition 0 of orders',
    });
    expect(judge({ snapshots, snapshotsBefore: [{ at: epochMs(500), failed: 'no answer' }] })).toMatchObject({
      kind: 'not-yet',
      evidence: 'no leader of orders was asked before the fault: no answer',
    });
  });
});
