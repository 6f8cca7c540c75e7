/** Selection of victims by name, owner, node, zone, or as the leader of a topic, with the exact errors. */
import { describe, expect, it } from 'vitest';
import { killPod } from '../../../../../src/chaos/faults/instances/kill-pod.ts';
import { restartStorm } from '../../../../../src/chaos/faults/instances/restart-storm.ts';
import { killBroker } from '../../../../../src/chaos/faults/kafka/kill-broker.ts';
import type { KafkaActs } from '../../../../../src/core/acts/kafka-acts.ts';
import type { Placement } from '../../../../../src/core/acts/placement.ts';
import type { Victim } from '../../../../../src/core/topology.ts';
import { ms } from '../../../../../src/core/units.ts';
import { cluster, podOf } from '../../pod-stage.ts';
import { stage } from '../../stage.ts';

const PLACES: Readonly<Record<string, Placement>> = {
  a: { node: 'n1', zone: 'west', owners: ['replicaset/web-1', 'deployment/web'] },
  b: { node: 'n2', zone: 'east', owners: ['replicaset/web-1', 'deployment/web'] },
  c: { node: 'n2', zone: 'east', owners: ['replicaset/web-2', 'deployment/canary'] },
  d: { node: null, zone: null, owners: [] },
};
const KAFKA: KafkaActs = {
  leaderOf: async () => 2,
  controller: async () => 1,
  brokers: () => [1, 2, 3],
  partitions: async () => [{ topic: 'orders', partition: 0, leader: 2, replicas: [1, 2], isr: [1, 2] }],
};
const idOf = (one: Victim): string => ('uid' in one ? one.uid : one.instance);

/** Pods a to d, whose places can be moved. */
function placed(pods = ['a', 'b', 'c', 'd'], kafka: KafkaActs | null = null) {
  const places = { ...PLACES };
  const asked: (readonly string[])[] = [];
  const one = cluster(kafka === null ? {} : { kafka }, pods);
  const { platform } = one.world;
  const { instances } = platform;
  if (instances === undefined) throw new Error('no instances');
  const of = async (victims: readonly Victim[], wanted: readonly string[]) => {
    asked.push(wanted);
    return victims.map((each) => places[idOf(each)] ?? null);
  };
  const world = { ...one.world, platform: { ...platform, instances: { ...instances, placement: { of } } } };
  const plan = async (raw: object) => {
    const parsed = killPod.parse({ service: 'web', mode: 'all', ...raw });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    return await killPod.plan(parsed.spec, world);
  };
  const uids = async (raw: object) => (await plan(raw)).act.victims.map(idOf).sort().join('');
  return { ...one, world, places, asked, plan, uids };
}

describe('victims', () => {
  it('are those of an owner, a node, a zone or some names, and of all of them at once', async () => {
    const { uids } = placed();
    expect(await uids({ owner: 'deployment/web' })).toBe('ab');
    expect(await uids({ owner: 'Deployment/web' })).toBe('ab');
    expect(await uids({ owner: 'replicaset/web-2' })).toBe('c');
    expect(await uids({ node: 'n2' })).toBe('bc');
    expect(await uids({ zone: 'west' })).toBe('a');
    expect(await uids({ names: ['web-a', 'web-d'] })).toBe('ad');
    expect(await uids({ names: 'web-a, web-d' })).toBe('ad');
    expect(await uids({ owner: 'deployment/web', zone: 'east' })).toBe('b');
    expect(await uids({ owner: 'deployment/web', mode: '50%' })).toMatch(/^[ab]$/);
    expect(await uids({})).toBe('abcd');
  });

  it('are resolved again each time: a pod that has moved is not taken for what it was', async () => {
    const { uids, places } = placed();
    expect(await uids({ zone: 'west' })).toBe('a');
    Object.assign(places, { a: PLACES['b'], c: PLACES['a'] });
    expect(await uids({ zone: 'west' })).toBe('c');
  });

  it('cost only the questions and rights that their choice needs, and are named with it', async () => {
    const { plan, asked } = placed();
    await plan({ names: ['web-a'] });
    expect(asked).toEqual([]);
    const one = await plan({ zone: 'west', owner: 'deployment/web' });
    expect(asked).toEqual([['owner', 'zone']]);
    expect(one.victim).toBe('web-a (uid a) (deployment/web, west)');
    expect(one.permissions).toEqual([...killPod.permissions, 'placement.owner', 'placement.zone']);
  });

  it('are weighed against all replicas of the service, not against those that were meant', async () => {
    const { plan } = placed();
    expect((await plan({ node: 'n2' })).impact.killed).toEqual([
      { service: 'web', victims: 2, replicas: 4, readyLeft: 2 },
    ]);
  });
});

describe('a choice that matches nothing is a mistake that says what is there', () => {
  it.each([
    [{ zone: 'wst' }, 'kill-pod.zone: expected one of east, west, got "wst". Did you mean west?'],
    [{ node: 'n9' }, 'kill-pod.node: expected one of n1, n2, got "n9". Did you mean n1?'],
    [
      { owner: 'deployment/wbe' },
      'kill-pod.owner: expected one of deployment/canary, deployment/web, replicaset/web-1, replicaset/web-2, ' +
        'got "deployment/wbe". Did you mean deployment/web?',
    ],
    [
      { names: ['web-a', 'nobody'] },
      'kill-pod.names: expected one of web-a, web-b, web-c, web-d, got "nobody".',
    ],
    [
      { owner: 'deployment/canary', zone: 'west' },
      'kill-pod: expected an instance that matches all of "deployment/canary", "west", got web-a (deployment/web, n1, west), ' +
        'web-b (deployment/web, n2, east), web-c (deployment/canary, n2, east), web-d.',
    ],
  ])('%j', async (raw, text) => {
    const { plan, acts } = placed();
    await expect(plan(raw)).rejects.toMatchObject({ kind: 'usage', message: text });
    expect(acts).toEqual([]);
  });

  it('counts what would be too long to list', async () => {
    const many = Array.from({ length: 12 }, (_, index) => String(index));
    const { plan } = placed(many);
    await expect(plan({ names: ['web-0'], 'leader-of': 'orders' })).rejects.toMatchObject({
      kind: 'refused',
    });
    const broker = placed(many, KAFKA);
    await expect(broker.plan({ 'leader-of': 'orders' })).rejects.toThrow(
      'kill-pod.leader-of: expected a service with broker 2, which leads orders, ' +
        'got web (web-0, web-1, web-2, web-3, web-4, web-5, web-6, web-7, web-8, web-9 and 2 more). ' +
        'A broker is identified by its name: kafka-N, or a pod of a service named kafka… that ends in -N.',
    );
  });

  it('and so are words that cannot mean anything', () => {
    const parsed = killPod.parse({ service: 'web', owner: 'web', names: [], zone: 'a b', zonee: 'x' });
    const problems = parsed.ok ? [] : parsed.problems;
    expect(problems.map((one) => `${one.path}: ${one.expected}; ${one.got}; ${one.next ?? ''}`)).toEqual([
      `zonee: one of ${Object.keys(killPod.parameters.shape).join(', ')}; "zonee"; Did you mean zone?`,
      'owner: kind/name, such as deployment/web or statefulset/redis; "web"; ',
      'zone: a name without spaces; "a b"; ',
      'names: a list of instance names such as [db-0, db-2], or text with commas; []; ',
    ]);
  });
});

describe('on the sandbox', () => {
  const plan = async (raw: object) => {
    const one = stage();
    try {
      const parsed = killPod.parse(raw);
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
      const handle = { platform: 'sandbox', identity: 'sandbox:t' } as const;
      return await killPod.plan(parsed.spec, { ...one.world, platform: { ...one.world.platform, handle } });
    } finally {
      one.cleanUp();
    }
  };

  it('names work, places are refused: a process has none', async () => {
    expect((await plan({ service: 'web', names: ['web-1'] })).touches).toEqual(['web-1']);
    await expect(plan({ service: 'web', zone: 'west', owner: 'deployment/x' })).rejects.toMatchObject({
      kind: 'refused',
      message: [
        'kill-pod.owner: expected a platform whose instances are pods (kubernetes), got sandbox. Leave it out, or choose by names.',
        'kill-pod.zone: expected a platform whose instances are pods (kubernetes), got sandbox. Leave it out, or choose by names.',
      ].join('\n'),
    });
  });
});

describe('the leader of a topic', () => {
  const brokers = [1, 2, 3].map((id) => podOf(String(id), `kafka-${id}`, 'kafka'));

  it('is the pod of that broker, for both kill-pod and kill-broker', async () => {
    const { planOf } = cluster({ kafka: KAFKA }, brokers);
    const pod = await planOf(killPod, { service: 'kafka', 'leader-of': 'orders' });
    expect([pod.victim, pod.impact.brokersLost]).toEqual(['kafka-2 (uid 2) (leader of orders)', [2]]);
    const parsed = killBroker.parse({ broker: 'leader of orders' });
    if (!parsed.ok) throw new Error('does not parse');
    const { world } = cluster({ kafka: KAFKA }, brokers);
    const broker = await killBroker.plan(parsed.spec, world);
    expect([broker.victim, broker.impact.brokersLost]).toEqual(['kafka-2 (uid 2) (leader of orders)', [2]]);
    expect(broker.impact.killed).toEqual([{ service: 'kafka', victims: 1, replicas: 3, readyLeft: 2 }]);
  });

  it('of a topic that is not there is a mistake with the topics that are', async () => {
    const { planOf } = cluster({ kafka: KAFKA }, brokers);
    await expect(planOf(killPod, { service: 'kafka', 'leader-of': 'order' })).rejects.toThrow(
      'kill-pod.leader-of: topic: expected one of orders, got "order". Did you mean orders?',
    );
  });

  it('is refused with the reason where nobody can ask Kafka', async () => {
    const { planOf } = cluster({}, brokers);
    await expect(planOf(killPod, { service: 'kafka', 'leader-of': 'orders' })).rejects.toMatchObject({
      kind: 'refused',
      message:
        'kill-pod.leader-of: expected access to Kafka, which knows the leaders, got platform kubernetes without one. ' +
        'Name the brokers in the target file: kafka: { brokers: ["host:9092"] }',
    });
  });
});

describe('a storm on an owner', () => {
  it('spares what another workload of the service brings up meanwhile', async () => {
    const { world, places, replace, acts } = placed(['a', 'c']);
    const parsed = restartStorm.parse({ service: 'web', owner: 'deployment/web', for: '6s' });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const plan = await restartStorm.plan(parsed.spec, world);
    await restartStorm.apply(plan, world, ms(1000));
    Object.assign(places, { x: PLACES['c'], y: PLACES['b'] });
    replace(podOf('c'), podOf('x'), podOf('y'));
    await restartStorm.renew(plan, world, ms(1000));
    expect(acts).toEqual([
      ['signal', 'web-a', 'SIGKILL'],
      ['signal', 'web-y', 'SIGKILL'],
    ]);
  });
});
