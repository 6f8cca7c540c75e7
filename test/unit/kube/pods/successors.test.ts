/** The controller that replaces a pod, for every kind of owner, from a scripted API server. */
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../../src/kube/client/api-error.ts';
import { successorActs } from '../../../../src/kube/pods/successors.ts';
import { ScriptedApi } from '../scripted-api.ts';

const PODS = '/api/v1/namespaces/shop/pods';
const APPS = '/apis/apps/v1/namespaces/shop';
const BATCH = '/apis/batch/v1/namespaces/shop';
const STRIMZI = '/apis/core.strimzi.io/v1beta2/namespaces/shop';

const ref = (apiVersion: string, kind: string, name = 'owner', more: object = {}) => ({
  apiVersion,
  kind,
  name,
  uid: `uid-${name}`,
  controller: true,
  ...more,
});
const owner = (name: string, spec: object, status: object = {}, metadata: object = {}) => ({
  metadata: { name, uid: `uid-${name}`, ...metadata },
  spec,
  status,
});

interface Case {
  readonly reference?: object;
  readonly objects?: Readonly<Record<string, unknown>>;
  readonly replacedBy?: string;
  readonly pods?: number;
  readonly victims?: number;
  readonly metadata?: object;
  readonly name?: string;
}

function rig({ reference, objects = {}, replacedBy, pods = 2, metadata = {}, name = 'web' }: Case) {
  const api = new ScriptedApi();
  const items = Array.from({ length: pods }, (_, index) => ({
    metadata: {
      uid: `u${index}`,
      name: `${name}-${index}`,
      namespace: 'shop',
      ...(reference && { ownerReferences: [ref('v1', 'Audit', 'other', { controller: false }), reference] }),
      ...metadata,
    },
    spec: { nodeName: 'n1' },
    status: { phase: 'Running' },
  }));
  api.answers.set(PODS, () => ({ metadata: { resourceVersion: '1' }, items }));
  for (const [path, object] of Object.entries(objects)) {
    api.answers.set(path, () => {
      if (typeof object !== 'number') return object;
      const details = object === 404 ? { name: path.slice(path.lastIndexOf('/') + 1) } : {};
      throw new ApiError(api.server, 'get', object, { message: 'no', details });
    });
  }
  const where = { namespace: 'shop', selector: 'app=web', ...(replacedBy !== undefined && { replacedBy }) };
  return successorActs(api, { web: where });
}

async function outlook(one: Case): Promise<string> {
  const victims = Array.from({ length: one.victims ?? 1 }, (_, index) => ({
    service: 'web',
    instance: `${one.name ?? 'web'}-${index}`,
    namespace: 'shop',
    uid: `u${index}`,
  }));
  const found = await rig(one).of(victims);
  expect(found).toHaveLength(victims.length);
  return [
    ...new Set(
      found.map((each) =>
        each.kind === 'comes' ? `by ${each.by}` : `${each.why}${each.fix ? ` | ${each.fix}` : ''}`,
      ),
    ),
  ].join(' / ');
}

const SET = ref('apps/v1', 'ReplicaSet');
const DEPLOYED = { ownerReferences: [ref('apps/v1', 'Deployment', 'web')] };
const JOB = ref('batch/v1', 'Job');
const set = (spec: object, status: object = {}, metadata: object = {}) => ({
  [`${APPS}/replicasets/owner`]: owner('owner', spec, status, metadata),
});
const job = (spec: object, status: object = {}, metadata: object = {}) => ({
  [`${BATCH}/jobs/owner`]: owner('owner', spec, status, metadata),
});
const DELETED = { deletionTimestamp: '2026-11-29T00:00:00Z' };
const UNKNOWN_FIX = (kind: string) =>
  `If that controller creates new pods, declare replacedBy: ${kind} in the target file, where web is found: services.web.find.kubernetes, in older files kubernetes.services.web.`;

describe('a pod that is taken away', () => {
  it.each<readonly [string, Case, string]>([
    [
      'of a ReplicaSet',
      { reference: SET, objects: set({ replicas: 2 }, { replicas: 2 }) },
      'by ReplicaSet owner',
    ],
    [
      'of a ReplicaSet of a Deployment',
      {
        reference: SET,
        objects: {
          ...set({ replicas: 2 }, {}, DEPLOYED),
          [`${APPS}/deployments/web`]: owner('web', { replicas: 2, paused: true }),
        },
      },
      'by ReplicaSet owner',
    ],
    [
      'of a StatefulSet',
      {
        reference: ref('apps/v1', 'StatefulSet'),
        objects: { [`${APPS}/statefulsets/owner`]: owner('owner', { replicas: 1 }) },
      },
      'by StatefulSet owner',
    ],
    [
      'of a DaemonSet',
      {
        reference: ref('apps/v1', 'DaemonSet'),
        objects: { [`${APPS}/daemonsets/owner`]: owner('owner', {}) },
      },
      'by DaemonSet owner',
    ],
    [
      'of a ReplicationController',
      {
        reference: ref('v1', 'ReplicationController'),
        objects: { '/api/v1/namespaces/shop/replicationcontrollers/owner': owner('owner', { replicas: 2 }) },
      },
      'by ReplicationController owner',
    ],
    [
      'of a Job that may still fail',
      { reference: JOB, objects: job({ backoffLimit: 3, completions: 1 }, { failed: 2 }) },
      'by Job owner',
    ],
    [
      'of a Job of a CronJob',
      {
        reference: JOB,
        objects: {
          ...job({ completions: 1 }, {}, { ownerReferences: [ref('batch/v1', 'CronJob', 'nightly')] }),
          [`${BATCH}/cronjobs/nightly`]: owner('nightly', {}),
        },
      },
      'by Job owner',
    ],
    [
      'of a StrimziPodSet',
      {
        reference: ref('core.strimzi.io/v1beta2', 'StrimziPodSet'),
        objects: {
          [`${STRIMZI}/strimzipodsets/owner`]: owner('owner', { pods: [{ metadata: { name: 'web-0' } }] }),
        },
      },
      'by StrimziPodSet owner',
    ],
    [
      'of a StrimziPodSet that we may not see',
      {
        reference: ref('core.strimzi.io/v1beta2', 'StrimziPodSet'),
        objects: { [`${STRIMZI}/strimzipodsets/owner`]: 403 },
      },
      'by StrimziPodSet owner',
    ],
    [
      'of a kind that the target file vouches for',
      { reference: ref('x.io/v1', 'Fleet'), replacedBy: 'Fleet' },
      'by Fleet owner',
    ],
  ])('comes back: %s', async (_, one, said) => {
    expect(await outlook(one)).toBe(said);
  });

  it.each<readonly [string, Case, string]>([
    ['it has no owner at all', {}, 'it has no owner'],
    [
      'its owners do not control it',
      { reference: ref('apps/v1', 'ReplicaSet', 'owner', { controller: false }) },
      'it has no owner',
    ],
    [
      'it is a static pod',
      { reference: ref('v1', 'Node', 'n1') },
      'it is a static pod of node n1 | Its kubelet reads it from a file of the node: deleting the pod ends no process.',
    ],
    [
      'it is the mirror of one',
      { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } } },
      'it is a static pod of node n1 | Its kubelet reads it from a file of the node: deleting the pod ends no process.',
    ],
    [
      'its ReplicaSet wants none',
      { reference: SET, objects: set({ replicas: 0 }, { replicas: 2 }) },
      'its owner is ReplicaSet owner, and it wants 0 replicas',
    ],
    [
      'its ReplicaSet has too many',
      { reference: SET, objects: set({ replicas: 1 }, { replicas: 2 }) },
      'its owner is ReplicaSet owner, and it wants 1 replicas and has 2',
    ],
    [
      'two of three are taken where one is wanted',
      { reference: SET, victims: 2, pods: 3, objects: set({ replicas: 2 }, { replicas: 3 }) },
      'its owner is ReplicaSet owner, and it wants 2 replicas and has 3',
    ],
    [
      'its ReplicaSet is gone',
      { reference: SET, objects: { [`${APPS}/replicasets/owner`]: 404 } },
      'its owner ReplicaSet owner is gone',
    ],
    [
      'its ReplicaSet is being deleted',
      { reference: SET, objects: set({ replicas: 2 }, {}, DELETED) },
      'its owner is ReplicaSet owner, and it is being deleted',
    ],
    [
      'its ReplicaSet is another of that name',
      { reference: SET, objects: set({ replicas: 2 }, {}, { uid: 'new' }) },
      'its owner is ReplicaSet owner, and it was replaced by another of its name',
    ],
    [
      'the Deployment behind is gone',
      {
        reference: SET,
        objects: { ...set({ replicas: 2 }, {}, DEPLOYED), [`${APPS}/deployments/web`]: 404 },
      },
      'its owner is ReplicaSet owner, and its Deployment web is gone',
    ],
    [
      'the Deployment behind is being deleted',
      {
        reference: SET,
        objects: {
          ...set({ replicas: 2 }, {}, DEPLOYED),
          [`${APPS}/deployments/web`]: owner('web', {}, {}, DELETED),
        },
      },
      'its owner is ReplicaSet owner, and of its Deployment web: it is being deleted',
    ],
    [
      'the Deployment behind wants none',
      {
        reference: SET,
        objects: {
          ...set({ replicas: 2 }, {}, DEPLOYED),
          [`${APPS}/deployments/web`]: owner('web', { replicas: 0 }),
        },
      },
      'its owner is ReplicaSet owner, and of its Deployment web: it wants 0 replicas',
    ],
    [
      'its StatefulSet is scaled below it',
      {
        reference: ref('apps/v1', 'StatefulSet'),
        objects: { [`${APPS}/statefulsets/owner`]: owner('owner', { replicas: 2, ordinals: { start: 3 } }) },
      },
      'its owner is StatefulSet owner, and it wants only the pods 3 to 4',
    ],
    [
      'its DaemonSet fits no node',
      {
        reference: ref('apps/v1', 'DaemonSet'),
        objects: { [`${APPS}/daemonsets/owner`]: owner('owner', {}, { desiredNumberScheduled: 0 }) },
      },
      'its owner is DaemonSet owner, and it wants no pod on any node',
    ],
    [
      'its Job is finished',
      { reference: JOB, objects: job({}, { conditions: [{ type: 'Complete', status: 'True' }] }) },
      'its owner is Job owner, and it is finished (Complete)',
    ],
    [
      'its Job has failed',
      { reference: JOB, objects: job({}, { conditions: [{ type: 'Failed', status: 'True' }] }) },
      'its owner is Job owner, and it is finished (Failed)',
    ],
    [
      'its Job is suspended',
      { reference: JOB, objects: job({ suspend: true }) },
      'its owner is Job owner, and it is suspended',
    ],
    [
      'its Job may fail no more',
      { reference: JOB, objects: job({ backoffLimit: 0, completions: 1 }) },
      'its owner is Job owner, and its pods may fail 0 times more (backoffLimit)',
    ],
    [
      'its Job may fail once and two are taken',
      { reference: JOB, victims: 2, objects: job({ backoffLimit: 3, completions: 2 }, { failed: 2 }) },
      'its owner is Job owner, and its pods may fail 1 times more (backoffLimit)',
    ],
    [
      'its Job has a policy of its own',
      { reference: JOB, objects: job({ podFailurePolicy: {} }) },
      'its owner is Job owner, and its podFailurePolicy decides what a lost pod means',
    ],
    [
      'its Job counts each index',
      { reference: JOB, objects: job({ backoffLimitPerIndex: 1 }) },
      'its owner is Job owner, and its backoffLimitPerIndex may end this index',
    ],
    [
      'its Job is a queue that is done',
      { reference: JOB, objects: job({}, { succeeded: 1 }) },
      'its owner is Job owner, and one of its pods has succeeded, after which it starts no more (no completions)',
    ],
    [
      'its Job is gone',
      { reference: JOB, objects: { [`${BATCH}/jobs/owner`]: 404 } },
      'its owner Job owner is gone',
    ],
    [
      'its CronJob is gone',
      {
        reference: JOB,
        objects: {
          ...job({ completions: 1 }, {}, { ownerReferences: [ref('batch/v1', 'CronJob', 'nightly')] }),
          [`${BATCH}/cronjobs/nightly`]: 404,
        },
      },
      'its owner is Job owner, and its CronJob nightly is gone',
    ],
    [
      'its StrimziPodSet is paused',
      {
        reference: ref('core.strimzi.io/v1beta2', 'StrimziPodSet'),
        objects: {
          [`${STRIMZI}/strimzipodsets/owner`]: owner(
            'owner',
            {},
            {},
            { annotations: { 'strimzi.io/pause-reconciliation': 'true' } },
          ),
        },
      },
      'its owner is StrimziPodSet owner, and it is paused (strimzi.io/pause-reconciliation)',
    ],
    [
      'its StrimziPodSet drops it',
      {
        reference: ref('core.strimzi.io/v1beta2', 'StrimziPodSet'),
        objects: { [`${STRIMZI}/strimzipodsets/owner`]: owner('owner', { pods: [] }) },
      },
      'its owner is StrimziPodSet owner, and it does not list this pod any more',
    ],
    [
      'nobody knows that kind',
      { reference: ref('argoproj.io/v1alpha1', 'Workflow') },
      `its owner Workflow owner is of a kind that is not known to replace pods | ${UNKNOWN_FIX('Workflow')}`,
    ],
    [
      'a kind only sounds like one that is known',
      { reference: ref('x.io/v1', 'ReplicaSet') },
      `its owner ReplicaSet owner is of a kind that is not known to replace pods | ${UNKNOWN_FIX('ReplicaSet')}`,
    ],
    [
      'the target file vouches for another kind',
      { reference: ref('x.io/v1', 'Fleet'), replacedBy: 'Fleets' },
      `its owner is Fleet owner, and the target file says replacedBy: Fleets | ${UNKNOWN_FIX('Fleet')}`,
    ],
  ])('stays away when %s', async (_, one, said) => {
    expect(await outlook(one)).toBe(said);
  });

  it('is not called ownerless by a server that does not serve the path of its owner, but a Job must be seen', async () => {
    const unserved = (path: string) => {
      const api = new ScriptedApi();
      const reference = path.includes('jobs') ? JOB : SET;
      api.answers.set(PODS, () => ({
        items: [{ metadata: { uid: 'u0', name: 'web-0', namespace: 'shop', ownerReferences: [reference] } }],
      }));
      api.answers.set(path, () => {
        throw new ApiError(api.server, 'get', 404, { message: `not found ${path}` });
      });
      const victim = { service: 'web', instance: 'web-0', namespace: 'shop', uid: 'u0' };
      return successorActs(api, { web: { namespace: 'shop', selector: 'a' } }).of([victim]);
    };
    expect(await unserved(`${APPS}/replicasets/owner`)).toEqual([{ kind: 'comes', by: 'ReplicaSet owner' }]);
    expect(await unserved(`${BATCH}/jobs/owner`)).toEqual([
      { kind: 'none', why: 'its owner Job owner cannot be read (404)' },
    ]);
  });

  it('asks for the right that is missing instead of guessing', async () => {
    await expect(
      outlook({ reference: SET, objects: { [`${APPS}/replicasets/owner`]: 403 } }),
    ).rejects.toMatchObject({
      kind: 'refused',
    });
  });

  it('is gone already when nobody has its uid', async () => {
    const victim = { service: 'web', instance: 'web-9', namespace: 'shop', uid: 'u9' };
    expect(await rig({}).of([victim])).toEqual([{ kind: 'none', why: 'it no longer exists' }]);
  });
});
