import { hostname } from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../../../src/kube/client/api-error.ts';
import type { ApiRequest } from '../../../../src/kube/client/client.ts';
import { lockCluster, lockHolder, releaseLease } from '../../../../src/kube/guard/cluster-lock.ts';
import { type HolderPlace, thisPlace } from '../../../../src/system/holder.ts';
import { ScriptedApi } from '../scripted-api.ts';

interface Lease {
  metadata: { name: string; resourceVersion?: string; uid?: string };
  spec: { holderIdentity: string; acquireTime?: string };
}

/** Leases with the semantics of an API server: a write needs the version that was read. */
function rig() {
  const api = new ScriptedApi();
  const leases = new Map<string, Lease>();
  let version = 0;
  const fail = (status: number): never => {
    throw new ApiError(api.server, 'lease', status, { message: 'no' });
  };
  const serve = (namespace: string) => {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
    const put = ({ body, method }: ApiRequest): Lease => {
      const given = body as Lease;
      const now = leases.get(namespace);
      if (method === 'POST' && now) return fail(409);
      if (method === 'PUT' && now?.metadata.resourceVersion !== given.metadata.resourceVersion)
        return fail(409);
      version += 1;
      const kept = { ...given, metadata: { ...given.metadata, uid: 'u', resourceVersion: String(version) } };
      leases.set(namespace, kept);
      return kept;
    };
    api.answers.set(path, put);
    api.answers.set(`${path}/gauntlet`, (request) => {
      if (request.method === 'PUT') return put(request);
      const now = leases.get(namespace);
      if (!now) return fail(404);
      if (request.method === 'DELETE') {
        const wanted = (request.body as { preconditions: { resourceVersion: string } }).preconditions;
        if (wanted.resourceVersion !== now.metadata.resourceVersion) return fail(409);
        leases.delete(namespace);
      }
      return now;
    });
  };
  serve('data');
  serve('shop');
  const other = (holderIdentity: string): void => {
    version += 1;
    leases.set('shop', {
      metadata: { name: 'gauntlet', uid: 'o', resourceVersion: String(version) },
      spec: { holderIdentity, acquireTime: '2026-11-21T08:00:00.000000Z' },
    });
  };
  return { api, leases, other };
}

const forever = new AbortController().signal;

describe('the lock in a cluster', () => {
  it('is one Lease per namespace with our name on it, and nothing is left of it after the release', async () => {
    const { api, leases } = rig();
    const lock = await lockCluster(api, ['data', 'shop'], lockHolder('inject kill-pod'), forever);
    expect([...leases.values()].map((one) => one.spec)).toEqual(
      Array(2).fill(
        expect.objectContaining({
          holderIdentity: expect.stringMatching(
            new RegExp(`^${hostname()} pid ${process.pid} \\d+ at \\S+: inject kill-pod$`),
          ),
          leaseDurationSeconds: 15,
        }),
      ),
    );
    expect(lock.lost.aborted).toBe(false);
    await lock.release();
    expect(leases.size).toBe(0);
    await lock.release();
  });

  it('is refused while another machine renews it, naming who has it, and gives back what it had taken', async () => {
    const { api, leases, other } = rig();
    other('elsewhere pid 7 99: run demo');
    const renewing = setInterval(() => other('elsewhere pid 7 99: run demo'), 300);
    try {
      await expect(lockCluster(api, ['data', 'shop'], lockHolder('x'), forever)).rejects.toThrow(
        'namespace shop: expected no other active run on this namespace, got elsewhere (pid 7): run demo, since ' +
          '2026-11-21T08:00:00.000000Z. Wait until it ends.',
      );
    } finally {
      clearInterval(renewing);
    }
    expect([...leases.keys()]).toEqual(['shop']);
  });

  const DEAD = `pid ${2 ** 22 + 1} 1`;
  const here = ({ boot, pidNamespace, timeNamespace }: HolderPlace): string =>
    [boot, pidNamespace, timeNamespace].join(',');

  it('is taken over at once from a process of this boot and pid namespace that is dead', async () => {
    const { api, leases, other } = rig();
    other(`whatever ${DEAD} at ${here(thisPlace())}: run demo`);
    const lock = await lockCluster(api, ['shop'], lockHolder('x'), forever);
    expect(leases.get('shop')?.spec.holderIdentity).toBe(lockHolder('x'));
    await lock.release();
  });

  it('is left for its own time to a holder of the same host name whose place is another, or not known', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    try {
      const places = [
        ` at ${here({ ...thisPlace(), boot: 'b' })}`,
        ` at ${here({ ...thisPlace(), pidNamespace: 'pid:[1]' })}`,
        ` at ${here({ ...thisPlace(), timeNamespace: 'time:[1]' })}`,
        ' at ,,',
        '',
      ];
      const waiting = places.map((place) => {
        const { api, leases, other } = rig();
        const theirs = `${hostname()} ${DEAD}${place}: run demo`;
        other(theirs);
        const mine = lockCluster(api, ['shop'], lockHolder('x'), forever);
        return { mine, theirs, holder: () => leases.get('shop')?.spec.holderIdentity };
      });
      await vi.advanceTimersByTimeAsync(14_000);
      for (const { holder, theirs } of waiting) expect(holder()).toBe(theirs);
      await vi.advanceTimersByTimeAsync(3_000);
      for (const { mine, holder } of waiting) {
        const lock = await mine;
        expect(holder()).toBe(lockHolder('x'));
        await lock.release();
      }
    } finally {
      vi.useRealTimers();
    }
  });

  it('is taken over by one of two who waited for a dead holder of another machine; the other is refused', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    try {
      const { api, leases, other } = rig();
      other('elsewhere pid 7 99: run demo');
      const both = ['a', 'b'].map((name) =>
        lockCluster(api, ['shop'], `${name} pid 1 1: recover`, forever).then(
          () => name,
          (error: Error) => error.message,
        ),
      );
      await vi.advanceTimersByTimeAsync(14_000);
      expect(leases.get('shop')?.spec.holderIdentity).toBe('elsewhere pid 7 99: run demo');
      await vi.advanceTimersByTimeAsync(3_000);
      expect(await Promise.all(both)).toEqual([
        'a',
        expect.stringMatching(
          /^namespace shop: expected no other active run on this namespace, got a \(pid 1\): recover, since .*Z\. Wait until it ends\.$/,
        ),
      ]);
      expect(leases.get('shop')?.spec.holderIdentity).toBe('a pid 1 1: recover');
    } finally {
      vi.useRealTimers();
    }
  });

  it('can be waited for no longer than its caller wants', async () => {
    const { api, other } = rig();
    other('elsewhere pid 7 99: run demo');
    const impatient = AbortSignal.timeout(50);
    await expect(lockCluster(api, ['shop'], lockHolder('x'), impatient)).rejects.toThrow(/timeout/);
  });

  it('of another holder is never released', async () => {
    const { api, leases, other } = rig();
    other('elsewhere pid 7 99: run demo');
    await releaseLease(api, 'shop', lockHolder('x'));
    expect(leases.size).toBe(1);
  });
});
