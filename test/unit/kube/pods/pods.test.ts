import { describe, expect, it } from 'vitest';
import { ms } from '../../../../src/core/units.ts';
import { ApiError, ApiUnreachable } from '../../../../src/kube/client/api-error.ts';
import { isAtLeast } from '../../../../src/kube/client/watch.ts';
import { deletePod, evictPod } from '../../../../src/kube/pods/pod-acts.ts';
import { listPods } from '../../../../src/kube/pods/pod-list.ts';
import { PodLives } from '../../../../src/kube/pods/pod-lives.ts';
import { type PodJson, podRecord } from '../../../../src/kube/pods/pod-record.ts';
import { monotonicClock } from '../../../../src/system/monotonic-clock.ts';
import { PODS, pod, SLICES, VICTIM, WHERE } from '../pod-objects.ts';
import { ScriptedApi } from '../scripted-api.ts';

describe('a pod', () => {
  it('that is being deleted is not ready, whatever its last probe said', () => {
    expect(podRecord(pod('a', 1)).isReady).toBe(true);
    expect(podRecord(pod('a', 1, { isDeleting: true })).isReady).toBe(false);
  });

  it('has started when the last of its containers has, and not while one waits', () => {
    const two = (second: object): PodJson => ({
      ...pod('a', 1),
      status: { containerStatuses: [{ state: { running: { startedAt: '2026-11-21T07:00:02Z' } } }, second] },
    });
    expect(podRecord(two({ state: {} })).stamps.started).toBeNull();
    const later = two({ state: { running: { startedAt: '2026-11-21T07:00:09Z' } } });
    expect(podRecord(later).stamps.started).toBe(Date.parse('2026-11-21T07:00:09Z'));
  });

  it('with nothing in its JSON is pending and not ready', () => {
    expect(podRecord({})).toMatchObject({ phase: 'Pending', isReady: false, graceSeconds: 30, optIn: null });
  });
});

describe('a list of pods', () => {
  it('is read page by page and begun again when its snapshot is gone', async () => {
    const api = new ScriptedApi();
    const pages: (string | number)[] = ['p1', 410, 'p1', 'p2'];
    api.answers.set(PODS, () => {
      const page = pages.shift();
      if (page === 410) throw new ApiError(api.server, 'list', 410, { reason: 'Expired' });
      return page === 'p1'
        ? { metadata: { continue: 'more', resourceVersion: '7' }, items: [pod('a', 1)] }
        : { metadata: { resourceVersion: '7' }, items: [pod('b', 2)] };
    });
    const listed = await listPods(api, WHERE);
    expect(listed.items.map((one) => one.uid)).toEqual(['a', 'b']);
    expect(api.requests.map((one) => one.query?.['continue'])).toEqual([
      undefined,
      'more',
      undefined,
      'more',
    ]);
    expect(api.requests[0]?.query).toMatchObject({ limit: 100, labelSelector: 'app=web' });
  });
});

describe('an act on a pod', () => {
  it('names its uid, so that a successor of the same name cannot be hit', async () => {
    const api = new ScriptedApi();
    api.answers.set(`${PODS}/web-1`, () => ({}));
    api.answers.set(`${PODS}/web-1/eviction`, () => ({}));
    await deletePod(api, VICTIM, ms(0));
    await evictPod(api, VICTIM, ms(30_000));
    await deletePod(api, VICTIM, null);
    expect(api.requests.map((one) => one.body)).toEqual([
      { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'u1' }, gracePeriodSeconds: 0 },
      {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: 'web-1', namespace: 'shop' },
        deleteOptions: { preconditions: { uid: 'u1' }, gracePeriodSeconds: 30 },
      },
      { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'u1' } },
    ]);
  });

  it.each([
    [404, 'pods "web-1" not found', 'gone'],
    [409, 'Precondition failed: UID in precondition: u1, UID in object meta: u2', 'gone'],
    [
      409,
      'Operation cannot be fulfilled on Pod "web-1": the UID in the precondition (u1) does not match',
      'gone',
    ],
  ])('answers gone for %d %s', async (status, message, outcome) => {
    const api = new ScriptedApi();
    api.answers.set(`${PODS}/web-1`, () => {
      throw new ApiError(api.server, 'delete', status, { message });
    });
    expect(await deletePod(api, VICTIM, null)).toMatchObject({ outcome });
  });

  it('is not sent again when its answer is missing: the first may have been carried out', async () => {
    const api = new ScriptedApi();
    api.answers.set(`${PODS}/web-1`, () => {
      throw new ApiUnreachable(api.server, 'delete pod web-1 in shop', 'read ECONNRESET', true);
    });
    await expect(deletePod(api, VICTIM, null)).rejects.toThrow(
      'delete pod web-1 in shop at https://api.test: expected an answer, got read ECONNRESET.',
    );
    expect(api.requests).toHaveLength(1);
  });
});

describe('the lives of pods', () => {
  function rig(items: PodJson[]) {
    const api = new ScriptedApi();
    const now = { version: 10, items };
    const list = () => ({ metadata: { resourceVersion: String(now.version) }, items: now.items });
    api.answers.set(PODS, list);
    api.answers.set(SLICES, () => ({ metadata: { resourceVersion: String(now.version) }, items: [] }));
    return { api, now, lives: new PodLives(api, 'web', WHERE) };
  }
  const send = (api: ScriptedApi, path: string, type: string, object: unknown): void => {
    const open = api.watches.findLast((one) => one.request.path === path);
    open?.onLine(JSON.stringify({ type, object }));
  };

  it('are marked from the acceptance of a deletion to the endpoints of the successor', async () => {
    const before = monotonicClock.now();
    const { api, now, lives } = rig([pod('old', 5)]);
    await lives.start();
    await api.watch(2);
    send(api, PODS, 'MODIFIED', pod('old', 11, { isDeleting: true }));
    send(api, PODS, 'ADDED', pod('new', 12, { bare: true }));
    // The slice may come before the pod's own last event.
    const endpoint = { conditions: { ready: true }, targetRef: { kind: 'Pod', uid: 'new' } };
    send(api, SLICES, 'MODIFIED', { metadata: { resourceVersion: '14' }, endpoints: [endpoint] });
    send(api, PODS, 'MODIFIED', pod('new', 13));
    send(api, PODS, 'DELETED', pod('old', 15, { isDeleting: true }));
    Object.assign(now, { version: 15, items: [pod('new', 13)] });
    const [old, fresh] = await lives.read();
    lives.stop();
    expect(old).toMatchObject({ uid: 'old', service: 'web', instance: 'web-old' });
    expect(old?.marks?.map((mark) => mark.name)).toEqual([
      'created',
      'scheduled',
      'started',
      'ready',
      'deletion accepted',
      'gone',
    ]);
    expect(fresh?.marks?.map((mark) => mark.name)).toEqual([
      'created',
      'endpoint ready',
      'scheduled',
      'started',
      'ready',
    ]);
    // Of the old one the server's stamps are known, to the second after them.
    expect(old?.marks?.[0]).toMatchObject({ at: Date.parse('2026-11-21T07:00:02Z'), boundMs: 1000 });
    // Nothing that the first list did not show can have happened before it was asked for.
    const live = fresh?.marks?.filter((mark) => mark.name !== 'started') ?? [];
    expect(live.every((mark) => mark.at - mark.boundMs >= before && mark.boundMs < 5000)).toBe(true);
    // The kubelet's own stamp, to the second: it reports a start only later.
    const started = fresh?.marks?.find((mark) => mark.name === 'started');
    const scheduled = fresh?.marks?.find((mark) => mark.name === 'scheduled');
    const stamp = Date.parse('2026-11-21T07:00:02Z');
    // It cannot have started before it was scheduled, whatever the stamp of its node's clock says.
    expect(started).toEqual({ name: 'started', at: scheduled?.at, boundMs: (scheduled?.at ?? 0) - stamp });
  });

  it('take the answer to the deletion for its acceptance when that comes before the event', async () => {
    const { api, now, lives } = rig([pod('old', 5)]);
    await lives.start();
    await api.watch(2);
    lives.accepted('old', (Date.now() - 7) as never, (Date.now() - 4) as never);
    send(api, PODS, 'DELETED', pod('old', 11, { isDeleting: true }));
    Object.assign(now, { version: 11, items: [] });
    const [old] = await lives.read();
    lives.stop();
    const mark = old?.marks?.find((one) => one.name === 'deletion accepted');
    expect(mark?.boundMs).toBe(3);
  });

  it('count a pod that has failed for good as gone', async () => {
    const { api, now, lives } = rig([pod('old', 5)]);
    await lives.start();
    await api.watch(2);
    const failed: PodJson = { ...pod('old', 11), status: { phase: 'Failed' } };
    send(api, PODS, 'MODIFIED', failed);
    Object.assign(now, { version: 11, items: [failed] });
    expect((await lives.read())[0]?.endedAt).not.toBeNull();
    lives.stop();
  });
});

describe('resource versions', () => {
  it('are compared as numbers of any length, and only for equality when they are not numbers', () => {
    expect(isAtLeast('9007199254740993', '9007199254740992')).toBe(true);
    expect(isAtLeast('9', '10')).toBe(false);
    expect(isAtLeast('abc', 'abd')).toBe(false);
    expect(isAtLeast('abc', 'abc')).toBe(true);
  });
});
