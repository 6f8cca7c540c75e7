/** The faults on instances other than kill-pod, where instances are pods. */
import { describe, expect, it } from 'vitest';
import { killPod } from '../../../../../src/chaos/faults/instances/kill-pod.ts';
import { pausePod } from '../../../../../src/chaos/faults/instances/pause-pod.ts';
import { restartStorm } from '../../../../../src/chaos/faults/instances/restart-storm.ts';
import type { InstanceLife } from '../../../../../src/core/acts/instance-acts.ts';
import type { PodVictim } from '../../../../../src/core/topology.ts';
import { epochMs, ms } from '../../../../../src/core/units.ts';
import { sayNeeds } from '../../../../../src/kube/guard/permissions.ts';
import { cluster, podOf } from '../../pod-stage.ts';

describe('pause-pod', () => {
  it('needs a process that signals stop and continue, and says so where instances are pods', async () => {
    const { planOf, acts } = cluster();
    await expect(planOf(pausePod, { for: '5s' })).rejects.toMatchObject({
      kind: 'refused',
      message:
        'pause-pod: expected processes, which signals stop and continue, got instances of platform kubernetes, ' +
        'which can only end them. Leave this fault out.',
    });
    expect(acts).toEqual([]);
  });

  it('is not promised by the rights that Kubernetes gives, as faults that end pods are', () => {
    expect(sayNeeds(pausePod.permissions)).toBe('not offered there (instances.stop)');
    expect(sayNeeds(restartStorm.permissions)).toMatch(/delete pods/);
  });
});

describe('restart-storm on pods', () => {
  const ready = (one: PodVictim, at: number): InstanceLife => ({
    ...one,
    startedAt: epochMs(at - 50),
    readyAt: epochMs(at),
    endedAt: null,
    marks: [{ name: 'ready', at: epochMs(at), boundMs: ms(7) }],
  });
  const gone = (one: PodVictim): InstanceLife => ({ ...ready(one, 100), endedAt: epochMs(200) });
  const storm = { for: '6s', 'accept-outage': true };

  it('kills successors under whatever name they come, never the replicas that were there', async () => {
    const { planOf, world, replace, acts } = cluster({}, ['a', 'b']);
    const plan = await planOf(restartStorm, storm);
    const victim = plan.act.victims[0]?.instance;
    await restartStorm.apply(plan, world, ms(1000));
    const stayed = plan.act.known.find((one) => one.instance !== victim);
    if (stayed === undefined || !('uid' in stayed)) throw new Error('nobody stayed');
    // The same name as the victim's, as in a StatefulSet: only the uid distinguishes them.
    replace(stayed, podOf('next', victim));
    await restartStorm.renew(plan, world, ms(1000));
    expect(acts).toEqual([
      ['signal', victim, 'SIGKILL'],
      ['signal', victim, 'SIGKILL'],
    ]);
  });

  it('ends when the last successor is ready, no sharper than the platform can tell', async () => {
    const { planOf, world, replace, lives } = cluster({}, ['a']);
    const { undo } = await planOf(restartStorm, storm);
    if (undo === null) throw new Error('no undo');
    lives.push(gone(podOf('a')), gone(podOf('x')), ready(podOf('y'), 900));
    replace(podOf('y'));
    expect(await restartStorm.removed(undo, world)).toEqual({
      gone: true,
      evidence: '2 lives ended, 1 of 1 instances are ready',
      at: 900,
      boundMs: 7,
    });
  });
});

describe('a pod that is a Kafka broker', () => {
  it('counts as that broker, by the ordinal in its name; another service with an ordinal does not', async () => {
    const brokers = [podOf('k', 'my-cluster-dual-role-2', 'kafka')];
    const broker = await cluster({}, brokers).planOf(killPod, { service: 'kafka', 'accept-outage': true });
    expect(broker.impact.brokersLost).toEqual([2]);
    const redis = [podOf('r', 'redis-2', 'redis')];
    const other = await cluster({}, redis).planOf(killPod, { service: 'redis', 'accept-outage': true });
    expect(other.impact.brokersLost).toEqual([]);
  });
});
