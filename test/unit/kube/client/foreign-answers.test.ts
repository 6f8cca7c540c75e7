/** An API server, or what answers in its place, may send anything: nothing but an error for the user comes of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GauntletError } from '../../../../src/core/errors.ts';
import { ApiError, apiStatus } from '../../../../src/kube/client/api-error.ts';
import { endOf } from '../../../../src/kube/client/exec.ts';
import { listAll } from '../../../../src/kube/client/list.ts';
import { Watch } from '../../../../src/kube/client/watch.ts';
import { listPods } from '../../../../src/kube/pods/pod-list.ts';
import { ScriptedApi } from '../scripted-api.ts';

const POD = {
  metadata: {
    uid: 'u',
    name: 'web-1',
    namespace: 'shop',
    resourceVersion: '7',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { app: 'web' },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'r', controller: true }],
  },
  spec: { nodeName: 'n', terminationGracePeriodSeconds: 30, containers: [{ name: 'c' }] },
  status: {
    phase: 'Running',
    podIPs: [{ ip: '10.0.0.1' }],
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:01Z' }],
    containerStatuses: [
      { name: 'c', ready: true, restartCount: 1, containerID: 'containerd://x', state: { running: {} } },
    ],
  },
};
const STATUS = {
  kind: 'Status',
  status: 'Failure',
  code: 410,
  reason: 'Expired',
  message: 'too old',
  details: { name: 'x', causes: [{ reason: 'ExitCode', message: '3' }], retryAfterSeconds: 1 },
};

/** The value with one of its parts, at any depth, replaced. */
const spoilt = (whole: unknown): fc.Arbitrary<unknown> =>
  fc.tuple(fc.infiniteStream(fc.nat(20)), fc.jsonValue()).map(([turns, other]) => {
    const spoil = (value: unknown): unknown => {
      const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
      const turn = turns.next().value ?? 0;
      const key = keys[turn % (keys.length + 1)];
      if (key === undefined) return other;
      const inner = (value as Record<string, unknown>)[key];
      const changed = { ...(value as object), [key]: spoil(inner) };
      return Array.isArray(value) ? Object.values(changed) : changed;
    };
    return spoil(whole);
  });
const anything = (whole: unknown): fc.Arbitrary<unknown> => fc.oneof(fc.jsonValue(), spoilt(whole));

describe('whatever an API server answers', () => {
  it('a list of pods is a list, or an error that names the request', async () => {
    const list = { metadata: { resourceVersion: '9' }, items: [POD] };
    await fc.assert(
      fc.asyncProperty(anything(list), async (body) => {
        const api = new ScriptedApi();
        api.answers.set('/api/v1/namespaces/shop/pods', ({ query }) =>
          query?.['continue'] === undefined ? body : { items: [] },
        );
        const listed = await listPods(api, { namespace: 'shop' }).catch((error: unknown) => error);
        if (!(listed instanceof GauntletError)) expect(listed).toMatchObject({ items: expect.any(Array) });
      }),
      { numRuns: 2000 },
    );
  });

  it('a list without an end is refused', async () => {
    const api = new ScriptedApi();
    const items = Array(100_000).fill({});
    api.answers.set('/things', () => ({ metadata: { continue: 'x' }, items }));
    const request = { path: '/things', what: 'list things' };
    await expect(listAll(api, request, (json) => json)).rejects.toThrow(
      'list things at https://api.test: expected an answer, got more than 500,000 items.',
    );
  });

  it('a refusal is a refusal in words', () => {
    fc.assert(
      fc.property(anything(STATUS), fc.constantFrom(401, 403, 410, 429, 500), (said, code) => {
        const error = new ApiError('https://api.test', 'list pods', code, apiStatus(said));
        expect(error.message).toContain('list pods at https://api.test');
      }),
    );
  });

  it('the last word of an exec is an exit code or why there is none', () => {
    const text = fc.oneof(
      fc.string(),
      anything(STATUS).map((said) => JSON.stringify(said) ?? ''),
    );
    fc.assert(
      fc.property(text, (said) => {
        const { exitCode, why } = endOf(said);
        if (exitCode === null) expect(why).toEqual(expect.any(String));
        else expect([Number.isInteger(exitCode), why]).toEqual([true, null]);
      }),
      { numRuns: 2000 },
    );
  });

  it('a watch hands on objects with a version and nothing else', async () => {
    const api = new ScriptedApi();
    api.answers.set('/things', () => ({ metadata: { resourceVersion: '1' }, items: [] }));
    const seen: unknown[] = [];
    const watch = new Watch<{ metadata?: { resourceVersion?: string } }>(
      api,
      { path: '/things', what: 'list things' },
      { reset: () => undefined, change: (_kind, one) => void seen.push(one), gap: () => undefined },
    );
    await watch.start();
    const { onLine } = await api.watch(1);
    const lines = fc.oneof(
      fc.string(),
      anything({ type: 'ADDED', object: POD }).map((said) => JSON.stringify(said) ?? ''),
      anything({ type: 'ERROR', object: STATUS }).map((said) => JSON.stringify(said) ?? ''),
    );
    fc.assert(
      fc.property(lines, (line) => {
        try {
          onLine(line);
        } catch (error) {
          // The client reports invalid JSON as an end of the stream.
          if (!(error instanceof SyntaxError)) expect(error).toBeInstanceOf(ApiError);
        }
      }),
      { numRuns: 2000 },
    );
    watch.stop();
    expect(seen.length).toBeGreaterThan(0);
    for (const one of seen) expect(one).toMatchObject({ metadata: { resourceVersion: expect.any(String) } });
  });
});
