/** How many pods are ready over time, from a scripted watch. */
import { expect, it } from 'vitest';
import { readyActs } from '../../../../src/kube/pods/ready-watch.ts';
import { PODS, pod, WHERE } from '../pod-objects.ts';
import { ScriptedApi } from '../scripted-api.ts';

function rig() {
  const api = new ScriptedApi();
  const seen: (number | string)[] = [];
  let listed = [pod('a', 1), pod('b', 2), pod('c', 3, { bare: true })];
  api.answers.set(PODS, () => ({ metadata: { resourceVersion: '9' }, items: listed }));
  const sink = {
    ready: (count: number) => void seen.push(count),
    unwatched: (_from: number, _to: number, why: string) => void seen.push(why),
  };
  const list = (...now: typeof listed): void => {
    listed = now;
  };
  return { api, seen, list, acts: readyActs(api, { web: WHERE }), sink };
}

it('is told at the start and at each change: not ready yet, ready, asked to end, gone', async () => {
  const { api, seen, list, acts, sink } = rig();
  const end = await acts.watch('web', sink);
  expect(seen).toEqual([2]);
  const watch = await api.watch(1);
  const line = (type: string, object: object): void => watch.onLine(JSON.stringify({ type, object }));
  line('MODIFIED', pod('c', 10));
  line('MODIFIED', pod('a', 11, { isDeleting: true }));
  line('DELETED', pod('a', 12, { isDeleting: true }));
  line('MODIFIED', pod('b', 13));
  expect(seen).toEqual([2, 3, 2]);
  list(pod('b', 13), pod('c', 10));
  expect(await end()).toBeGreaterThan(0);
  expect(seen).toEqual([2, 3, 2]);
});

it('refuses a service that the target does not name', async () => {
  const { acts, sink } = rig();
  await expect(acts.watch('wob', sink)).rejects.toMatchObject({
    kind: 'usage',
    problems: [{ subject: 'service', expected: 'one of web', got: '"wob"' }],
  });
});
