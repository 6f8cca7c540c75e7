import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../../src/core/acts/cluster-journal.ts';
import { ApiError, ApiUnreachable } from '../../../../src/kube/client/api-error.ts';
import type { ApiRequest } from '../../../../src/kube/client/client.ts';
import { kubeClusterJournal } from '../../../../src/kube/guard/journal-configmap.ts';
import { journalName } from '../../../../src/kube/guard/journal-store.ts';
import { ScriptedApi } from '../scripted-api.ts';

interface ConfigMap {
  metadata: { name: string; labels?: Record<string, string>; resourceVersion?: string };
  data: Record<string, string>;
}

const SERVICES = {
  web: { namespace: 'shop', selector: 'a' },
  db: { namespace: 'data', selector: 'b' },
  dns: { namespace: 'kube-system', selector: 'c' },
};
const HOLDER = 'here pid 1 2: inject x';
const NAME = journalName('r1');
const PATH = '/api/v1/namespaces/data/configmaps';

const entry = (id: string, size = 10): JournalEntry => ({
  id,
  name: `fault ${id}`,
  fault: 'fault',
  undo: { fault: 'fault', data: 'x'.repeat(size) },
  ttlMs: 3000,
});

/** ConfigMaps with the semantics of an API server: a write needs the version that was read. */
function rig(holders: { shop: string; data: string } = { shop: HOLDER, data: HOLDER }) {
  const api = new ScriptedApi();
  const maps = new Map<string, ConfigMap>();
  let version = 0;
  const hooks = { beforePut: (): void => undefined };
  const fail = (status: number): never => {
    throw new ApiError(api.server, 'configmap', status, { message: 'no' });
  };
  const keep = (given: ConfigMap): ConfigMap => {
    version += 1;
    const kept = { ...given, metadata: { ...given.metadata, resourceVersion: String(version) } };
    maps.set(given.metadata.name, kept);
    api.answers.set(`${PATH}/${given.metadata.name}`, one);
    return kept;
  };
  const one = ({ method, path, body }: ApiRequest): unknown => {
    const name = path.split('/').at(-1) ?? '';
    if (method === 'PUT') hooks.beforePut();
    const now = maps.get(name) ?? fail(404);
    if (method === 'DELETE') return maps.delete(name);
    if (method === 'GET') return now;
    const given = body as ConfigMap;
    return given.metadata.resourceVersion === now.metadata.resourceVersion ? keep(given) : fail(409);
  };
  api.answers.set(`${PATH}/${NAME}`, one);
  api.answers.set(PATH, ({ method, body }) => {
    if (method === 'GET') return { items: [...maps.values()] };
    const given = body as ConfigMap;
    return maps.has(given.metadata.name) ? fail(409) : keep(given);
  });
  for (const namespace of ['shop', 'data'] as const) {
    api.answers.set(`/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/gauntlet`, () =>
      holders[namespace] === '' ? fail(404) : { spec: { holderIdentity: holders[namespace] } },
    );
  }
  const handle = { kubeconfig: '/k', context: 'c', services: SERVICES, holder: HOLDER };
  const clusterJournal = kubeClusterJournal(api, handle, 'kubernetes:api.test', ['data', 'shop']);
  const text = (): string[] => (maps.get(NAME)?.data['journal.ndjson'] ?? '').trim().split('\n');
  return { api, maps, holders, hooks, clusterJournal, keep, text, handle };
}

const HEAD = (run: string, schema?: string): string =>
  JSON.stringify({
    kind: 'journal',
    ...(schema && { schema }),
    run,
    identity: 'kubernetes:api.test',
    at: '',
  });

describe('the journal of a run in its cluster', () => {
  it('is a labelled ConfigMap in the first namespace that is not protected, with the lines of the journal', async () => {
    const { clusterJournal, maps, text } = rig();
    await clusterJournal.open('r1', entry('a'));
    await clusterJournal.open('r1', entry('b'));
    await clusterJournal.close('r1', 'a', 'as before');
    expect([...maps.values()][0]?.metadata).toMatchObject({
      name: NAME,
      labels: { 'gauntlet.dev/journal': 'true' },
    });
    expect(text().map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        kind: 'journal',
        schema: 'gauntlet.journal/1',
        run: 'r1',
        identity: 'kubernetes:api.test',
        holder: HOLDER,
        at: expect.stringMatching(/^\d{4}-.*Z$/),
      },
      { kind: 'opened', ...entry('a') },
      { kind: 'opened', ...entry('b') },
      { kind: 'closed', id: 'a', evidence: 'as before' },
    ]);
    expect(await clusterJournal.list()).toEqual([
      {
        run: 'r1',
        identity: 'kubernetes:api.test',
        where: `ConfigMap ${NAME} in data`,
        open: [entry('b')],
      },
    ]);
    await clusterJournal.finish('r1');
    await clusterJournal.finish('r1');
    expect(maps.size).toBe(0);
  });

  it('has a name that the API accepts, another one for each run', () => {
    const names = ['Inject 2026-11-21T11:05Z', 'inject-2026-11-21t11-05z', `r${'x'.repeat(400)}`].map(
      journalName,
    );
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(/^[a-z0-9]([-a-z0-9]{0,120}[a-z0-9])$/);
    expect(names[0]).toMatch(/^gauntlet-journal-inject-2026-11-21t11-05z-[0-9a-f]{8}$/);
  });

  it('is written again on what somebody else wrote in between, and loses nothing of either', async () => {
    const { clusterJournal, hooks, keep, maps } = rig();
    await clusterJournal.open('r1', entry('a'));
    let others = 0;
    hooks.beforePut = () => {
      const now = maps.get(NAME);
      if (others++ > 1 || now === undefined) return;
      const line = JSON.stringify({ kind: 'opened', ...entry(`other ${others}`) });
      keep({ ...now, data: { 'journal.ndjson': `${now.data['journal.ndjson']}${line}\n` } });
    };
    await clusterJournal.open('r1', entry('b'));
    expect((await clusterJournal.list())[0]?.open.map((one) => one.id)).toEqual([
      'a',
      'other 1',
      'other 2',
      'b',
    ]);
  });

  it('gives up, with nothing kept, when every write loses its race', async () => {
    const { clusterJournal, hooks, keep, maps } = rig();
    await clusterJournal.open('r1', entry('a'));
    hooks.beforePut = () => void keep(maps.get(NAME) as ConfigMap);
    await expect(clusterJournal.open('r1', entry('b'))).rejects.toThrow(
      `ConfigMap ${NAME} in data: expected to be written, got 5 lost races. ` +
        'Another client keeps updating this ConfigMap; see its managedFields.',
    );
  });

  it('takes faults that begin at the same time one after the other', async () => {
    const { clusterJournal } = rig();
    await Promise.all(['a', 'b', 'c'].map((id) => clusterJournal.open('r1', entry(id))));
    expect((await clusterJournal.list())[0]?.open.map((one) => one.id)).toEqual(['a', 'b', 'c']);
  });

  it('forgets closed entries when it is full, and refuses an open one that does not fit', async () => {
    const { clusterJournal, text } = rig();
    for (const id of ['a', 'b']) await clusterJournal.open('r1', entry(id, 400_000));
    await expect(clusterJournal.open('r1', entry('c', 400_000))).rejects.toThrow(
      /^journal of run r1: expected at most 1,000,000 bytes of open undos, as a ConfigMap holds them, got 1,200,\d{3}\. Choose fewer victims for this fault, or hold fewer faults at the same time\.$/,
    );
    await clusterJournal.close('r1', 'a', 'as before');
    await clusterJournal.open('r1', entry('c', 400_000));
    expect((await clusterJournal.list())[0]?.open.map((one) => one.id)).toEqual(['b', 'c']);
    expect(text().map((line) => (JSON.parse(line) as { id?: string }).id)).toEqual([undefined, 'b', 'c']);
  });

  it('can close an entry however full it is', async () => {
    const { clusterJournal } = rig();
    await clusterJournal.open('r1', entry('a', 999_500));
    await clusterJournal.close('r1', 'a', 'evidence '.repeat(1000));
    expect((await clusterJournal.list())[0]?.open).toEqual([]);
  });

  it.each([
    [
      'held by another',
      { shop: 'elsewhere pid 7 9: recover', data: HOLDER },
      'shop: expected still ours, got held by elsewhere pid 7 9: recover.',
    ],
    ['free', { shop: HOLDER, data: '' }, 'data: expected still ours, got free.'],
  ])('keeps no entry for an act while a lease is %s', async (_, holders, text) => {
    const { clusterJournal } = rig(holders);
    await expect(clusterJournal.open('r1', entry('a'))).rejects.toThrow(`lease in namespace ${text}`);
  });

  it('is not begun a second time by a run that somebody has recovered', async () => {
    const { clusterJournal, maps } = rig();
    await clusterJournal.open('r1', entry('a'));
    maps.clear();
    await expect(clusterJournal.open('r1', entry('b'))).rejects.toThrow(
      `journal of run r1: expected ConfigMap ${NAME} in data, got none: another client has recovered this run, or deleted it.`,
    );
    await clusterJournal.close('r1', 'a', 'as before');
    expect(maps.size).toBe(0);
  });

  it('is not kept by a server that does not answer', async () => {
    const { api, clusterJournal } = rig();
    api.answers.set(PATH, () => {
      throw new ApiUnreachable(api.server, 'write', 'connect ECONNREFUSED', false);
    });
    await expect(clusterJournal.open('r1', entry('a'))).rejects.toThrow(
      'expected an answer, got connect ECONNREFUSED.',
    );
  });

  it.each([
    ['x', 'Unexpected token'],
    ['{"kind":"closed","id":"a","evidence":"e"}', 'its first line is not the head of a journal'],
    [`${HEAD('r1')}\n{"kind":"later"}`, 'its line 2: kind "later" is not known to this version'],
    [`${HEAD('r1')}\n${HEAD('r1')}`, 'its line 2 is a second head'],
    [`${HEAD('r1')}\n{"kind":"opened","id":"a"}`, 'its line 2: name: expected string, received undefined'],
    [
      HEAD('r1', 'gauntlet.journal/2'),
      'its line 1: its schema is gauntlet.journal/2, and this version reads gauntlet.journal/1: use the version that wrote it',
    ],
    [HEAD('r2'), "it is a copy of run r2's"],
  ])('says when it cannot be read: %s', async (text, damage) => {
    const { clusterJournal, keep } = rig();
    keep({ metadata: { name: NAME }, data: { 'journal.ndjson': text } });
    const [journal] = await clusterJournal.list();
    expect(journal).toMatchObject({ run: NAME, open: [] });
    expect(journal?.damage).toContain(damage);
  });

  it('stands in the namespace that the target file names, and nowhere when everything is protected', async () => {
    const { api, handle } = rig();
    const named = kubeClusterJournal(api, { ...handle, journalNamespace: 'ops' }, 'kubernetes:api.test', []);
    await expect(named.list()).rejects.toThrow('no answer for GET /api/v1/namespaces/ops/configmaps');
    const { dns } = SERVICES;
    const none = kubeClusterJournal(api, { ...handle, services: { dns } }, 'kubernetes:api.test', []);
    await expect(none.open('r1', entry('a'))).rejects.toThrow(
      'journal of this run: expected a namespace that is not protected, or kubernetes.journal.namespace, got none.',
    );
  });
});
