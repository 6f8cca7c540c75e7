/** Objects of Chaos Mesh that do not go: a failed apply waits without end, and a controller that comes back needs a push. */
import { describe, expect, it } from 'vitest';
import { API, type ChaosObjectJson } from '../../../../src/kube/chaos-mesh/network-chaos.ts';
import { OurObjects } from '../../../../src/kube/chaos-mesh/our-objects.ts';
import { wayOut } from '../../../../src/kube/chaos-mesh/standing.ts';
import { ApiError } from '../../../../src/kube/client/api-error.ts';
import type { ApiRequest } from '../../../../src/kube/client/client.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';
import { drive } from '../../chaos/stage.ts';
import { ScriptedApi } from '../scripted-api.ts';

const GONE = '2026-11-29T07:00:00Z';
const LIST = `${API}/namespaces/shop/networkchaos`;

const waiting = (id: string, phase = 'Not Injected/Wait') => ({ id, selectorKey: '.', phase });
const object = (records: readonly object[], deletionTimestamp?: string): ChaosObjectJson => ({
  kind: 'NetworkChaos',
  metadata: {
    name: 'n',
    namespace: 'shop',
    uid: 'u1',
    finalizers: ['chaos-mesh/records'],
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
  },
  status: { experiment: { containerRecords: records } },
});

/** A controller that lets its object go only after so many touches. */
function rig(touchesNeeded: number, touch: (request: ApiRequest) => unknown = () => ({})) {
  const api = new ScriptedApi();
  const clock = new VirtualClock();
  let now: ChaosObjectJson[] = [object([waiting('shop/redis-0')])];
  const touches: unknown[] = [];
  api.answers.set(LIST, () => ({ metadata: { resourceVersion: '1' }, items: now }));
  api.answers.set(`${LIST}/n`, (request) => {
    if (request.method === 'DELETE') now = [object([waiting('shop/redis-0')], GONE)];
    if (request.method !== 'PATCH') return {};
    touches.push(request.body);
    if (touches.length >= touchesNeeded) now = [];
    return touch(request);
  });
  const objects = new OurObjects(api, ['shop'], 'networkchaos', clock);
  /** As the injector does: again and again until it is done. */
  const takeAway = async (tries: number): Promise<string | null> => {
    let last: string | null = 'never tried';
    for (let index = 0; index < tries && last !== null; index += 1) {
      last = await drive(clock, objects.takeAway('id')).then(
        () => null,
        (error: Error) => error.message,
      );
    }
    return last;
  };
  return { clock, touches, takeAway };
}

describe('an object that is being deleted and does not go', () => {
  it('is touched after 3 s and every 3 s from then on, so that a controller that came back goes on', async () => {
    const { clock, touches, takeAway } = rig(3);
    const began = clock.now();
    expect(await takeAway(20)).toBeNull();
    expect(touches).toHaveLength(3);
    expect(touches[0]).toEqual({
      metadata: { uid: 'u1', annotations: { 'gauntlet.dev/touched': expect.any(String) } },
    });
    expect(clock.now() - began).toBeGreaterThanOrEqual(9000);
    expect(clock.now() - began).toBeLessThan(12_000);
  });

  it('is not touched when it goes by itself', async () => {
    const { touches, takeAway } = rig(Number.POSITIVE_INFINITY);
    await takeAway(1);
    expect(touches).toEqual([]);
  });

  it('is told with the way out, also when it may not be touched', async () => {
    const { touches, takeAway } = rig(Number.POSITIVE_INFINITY, () => {
      throw new ApiError('https://h', 'annotate', 403, { message: 'no' });
    });
    expect(await takeAway(4)).toBe(
      'NetworkChaos shop/n is there (to remove it: kubectl delete pod redis-0 -n shop; Chaos Mesh releases it with its pod): ' +
        'Chaos Mesh has not released it',
    );
    expect(touches.length).toBeGreaterThan(0);
  });
});

describe('the way out of an object that stays', () => {
  it('names each pod whose record waits once, and no more than three', () => {
    const ids = ['a/1/app', 'a/1/side', 'a/2', 'a/3', 'a/4'];
    expect(
      wayOut(
        object(
          ids.map((id) => waiting(id)),
          GONE,
        ),
      ),
    ).toBe(
      ' (to remove it: kubectl delete pod 1 -n a; kubectl delete pod 2 -n a; kubectl delete pod 3 -n a; ' +
        'Chaos Mesh releases it with its pod)',
    );
  });

  it('is not told while it is not being deleted, or when nothing waits', () => {
    expect(wayOut(object([waiting('a/1')]))).toBe('');
    expect(wayOut(object([waiting('a/1', 'Injected')], GONE))).toBe('');
  });
});
