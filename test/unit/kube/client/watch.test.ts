import { describe, expect, it } from 'vitest';
import { ApiError, ApiUnreachable } from '../../../../src/kube/client/api-error.ts';
import { type Change, type Gap, Watch } from '../../../../src/kube/client/watch.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';
import { ScriptedApi } from '../scripted-api.ts';

interface Thing {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
}
const thing = (name: string, version: number): Thing => ({
  metadata: { name, resourceVersion: String(version) },
});
const line = (type: string, object: unknown): string => JSON.stringify({ type, object });

function rig(version = 10, items: Thing[] = [thing('a', 5)]) {
  const api = new ScriptedApi();
  const now = { version, items };
  api.answers.set('/things', () => ({
    metadata: { resourceVersion: String(now.version) },
    items: now.items,
  }));
  const seen: string[] = [];
  const gaps: Gap[] = [];
  const clock = new VirtualClock();
  const watch = new Watch<Thing>(
    api,
    { path: '/things', what: 'list things' },
    {
      reset: ({ items: all }) => void seen.push(`reset ${all.map((one) => one.metadata.name).join()}`),
      change: (kind: Change, one) => void seen.push(`${kind} ${one.metadata.name}`),
      gap: (gap) => void gaps.push(gap),
    },
    clock,
  );
  return { api, now, seen, gaps, watch, clock };
}

describe('a watch', () => {
  it('goes on from the version of its list, and has no gap while it is whole', async () => {
    const { api, seen, gaps, watch } = rig();
    await watch.start();
    const first = await api.watch(1);
    expect(first.request.query).toMatchObject({
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: '10',
    });
    first.onLine(line('ADDED', thing('b', 11)));
    expect(seen).toEqual(['reset a', 'ADDED b']);
    expect(gaps).toEqual([]);
    watch.stop();
  });

  it('goes on from the newest version after a disconnect, bookmarks included, and tells the blind time', async () => {
    const { api, seen, gaps, watch, clock } = rig();
    await watch.start();
    const first = await api.watch(1);
    first.onLine(line('BOOKMARK', { metadata: { resourceVersion: '14' } }));
    first.fail(new ApiUnreachable(api.server, 'watch', 'read ECONNRESET', true));
    await clock.advance(50);
    const second = await api.watch(2);
    expect(second.request.query).toMatchObject({ resourceVersion: '14' });
    second.onLine(line('DELETED', thing('a', 18)));
    second.onLine(line('ADDED', thing('c', 21)));
    expect(seen).toEqual(['reset a', 'DELETED a', 'ADDED c']);
    // The first back-off.
    expect(gaps.map((gap) => [gap.to - gap.from, gap.why])).toEqual([
      [50, 'watch at https://api.test: expected an answer, got read ECONNRESET.'],
    ]);
    watch.stop();
  });

  it('reads the list again after 410, in the stream and as an answer, and tells the blind time once', async () => {
    const { api, now, seen, gaps, watch, clock } = rig();
    await watch.start();
    const first = await api.watch(1);
    Object.assign(now, { version: 90, items: [thing('d', 80)] });
    expect(() => first.onLine(line('ERROR', { kind: 'Status', code: 410, message: 'too old' }))).toThrow(
      ApiError,
    );
    first.fail(new ApiError(api.server, 'watch', 410, { message: 'too old resource version: 10 (50)' }));
    await clock.advance(50);
    const second = await api.watch(2);
    expect(second.request.query).toMatchObject({ resourceVersion: '90' });
    expect(seen).toEqual(['reset a', 'reset d']);
    expect(gaps).toHaveLength(1);
    watch.stop();
  });

  it('has no gap when the server ends it in order: nothing before the end was lost', async () => {
    const { api, gaps, watch } = rig();
    await watch.start();
    (await api.watch(1)).end();
    await api.watch(2);
    expect(gaps).toEqual([]);
    watch.stop();
  });

  it('fails at the start when the first list fails: a watch that never was is an error and not a gap', async () => {
    const { api, watch } = rig();
    api.answers.set('/things', () => {
      throw new ApiError(api.server, 'list things', 403, { message: 'things is forbidden' });
    });
    await expect(watch.start()).rejects.toThrow(
      'list things at https://api.test: expected the permission for it, got things is forbidden. ' +
        'The minimal Role that Gauntlet needs: gauntlet rbac <target>',
    );
  });

  it('opens nothing more once it is stopped', async () => {
    const { api, watch, clock } = rig();
    await watch.start();
    await api.watch(1);
    watch.stop();
    await clock.advance(10_000);
    expect(api.watches).toHaveLength(1);
  });
});
