/** The reader of the kernel's counts in a container: what is put into a pod, and what its log means; the API server is a script. */
import { describe, expect, it } from 'vitest';
import { ms } from '../../../../src/core/units.ts';
import { CpuReader } from '../../../../src/kube/stress/cpu-reader.ts';
import { CpuWindows } from '../../../../src/kube/stress/cpu-windows.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';
import { drive } from '../../chaos/stage.ts';
import { ScriptedApi } from '../scripted-api.ts';

const POD = '/api/v1/namespaces/shop/pods/web-1';
const victim = {
  service: 'web',
  instance: 'web-1',
  namespace: 'shop',
  uid: 'u1',
  run: { container: 'app', id: 'containerd://1' },
};
interface Patch {
  readonly metadata: object;
  readonly spec: { readonly ephemeralContainers: readonly { readonly name: string }[] };
}

/** @param state of the reader's container, as the kubelet would tell it. */
function rig(state: object) {
  const api = new ScriptedApi();
  const clock = new VirtualClock();
  let name = '';
  api.answers.set(`${POD}/ephemeralcontainers`, ({ body }) => {
    name = (body as Patch).spec.ephemeralContainers[0]?.name ?? '';
    return {};
  });
  api.answers.set(POD, () => ({ status: { ephemeralContainerStatuses: [{ name, state }] } }));
  const reader = new CpuReader(api, 'registry.example/netagent:1', victim, clock);
  return { api, clock, reader };
}
const line = (atMs: number, ranMs: number): string =>
  JSON.stringify({ atMs, workload: { 1: [ranMs * 1e6, 0] }, beside: {} });

describe('the reader of a container', () => {
  it('shares its pid namespace and can do nothing else, and is not put into a successor of the pod', async () => {
    const { api, clock, reader } = rig({ running: {} });
    await drive(clock, reader.start(ms(65_000)));
    const body = api.requests[0]?.body as Patch;
    expect(body.metadata).toEqual({ uid: 'u1' });
    expect(body.spec.ephemeralContainers).toEqual([
      {
        name: expect.stringMatching(/^gauntlet-cpu-[0-9a-f]{8}$/),
        image: 'registry.example/netagent:1',
        imagePullPolicy: 'IfNotPresent',
        args: ['tasks', '-every', '500ms', '-for', '65s'],
        targetContainerName: 'app',
        securityContext: {
          runAsUser: 65_532,
          runAsNonRoot: true,
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
          seccompProfile: { type: 'RuntimeDefault' },
        },
      },
    ]);
    reader.stop();
  });

  it('adds up what its log says, and says nothing any more when it has been silent for seconds', async () => {
    const { api, clock, reader } = rig({ running: {} });
    await drive(clock, reader.start(ms(65_000)));
    const log = await api.watch(1);
    expect([log.request.path, log.request.query?.['follow']]).toEqual([`${POD}/log`, 'true']);
    for (const [atMs, ranMs] of [
      [0, 100],
      [500, 130],
    ] as const)
      log.onLine(line(atMs, ranMs));
    expect(reader.totals).toMatchObject({ atMs: 500, cpuMs: 30 });
    await clock.advance(4001);
    expect(reader.totals).toBeUndefined();
    reader.stop();
  });

  it('reports why it cannot start: a missing image, with the message of the kubelet', async () => {
    const { clock, reader } = rig({ waiting: { reason: 'ErrImagePull', message: 'not found' } });
    await expect(drive(clock, reader.start(ms(1000)))).rejects.toThrow(
      'reader registry.example/netagent:1 in pod web-1 of shop: expected to run within 60 s, got ErrImagePull: not found. ' +
        'Push packages/netagent to a registry that the nodes can pull from, and name it: kubernetes: { agent: { image: ... } }.',
    );
  });

  it('reports why it ended immediately, from its log', async () => {
    const { api, clock } = rig({ terminated: { exitCode: 1 } });
    api.lines = async (_request, _signal, onLine) =>
      onLine('netagent: process 1 is not that of the container');
    const windows = new CpuWindows(api, 'i', clock);
    await expect(drive(clock, windows.open('s', [victim], ms(1000), ms(100)))).rejects.toThrow(
      "the kernel's counts cannot be read: netagent: process 1 is not that of the container",
    );
    windows.stop();
  });

  it('is not added again with each look after the end: the API can remove none of them', async () => {
    const { api, clock } = rig({ waiting: { reason: 'ErrImagePull', message: 'not found' } });
    const status = {
      containerStatuses: [{ name: 'app', containerID: 'containerd://1', state: { running: {} } }],
    };
    const pod = api.answers.get(POD);
    if (pod === undefined) throw new Error('no pod');
    api.answers.set(POD, (request) => {
      const { status: said } = pod(request) as { status: object };
      const metadata = { uid: 'u1', name: 'web-1', namespace: 'shop' };
      return { metadata, spec: { containers: [{ name: 'app' }] }, status: { ...status, ...said } };
    });
    const windows = new CpuWindows(api, 'i', clock);
    const look = () => drive(clock, windows.after('s', [victim]));
    const added = () => api.requests.filter((one) => one.method === 'PATCH').length;
    await expect(look()).rejects.toThrow('got ErrImagePull: not found');
    await expect(look()).rejects.toThrow("the kernel's counts cannot be read: reader i in pod web-1 of shop");
    expect(added()).toBe(1);
    await clock.advance(20_000);
    await expect(look()).rejects.toThrow('got ErrImagePull: not found');
    expect(added()).toBe(2);
    windows.stop();
  });

  it('looks for nothing in a pod that has gone, or whose container was started again', async () => {
    const { api, clock } = rig({ running: {} });
    const windows = new CpuWindows(api, 'i', clock);
    for (const [uid, containerID] of [
      ['u2', 'containerd://1'],
      ['u1', 'containerd://2'],
    ]) {
      api.answers.set(POD, () => ({
        metadata: { uid },
        spec: { containers: [{ name: 'app' }] },
        status: { containerStatuses: [{ name: 'app', containerID, state: { running: {} } }] },
      }));
      expect(await windows.after('s', [victim])).toEqual([]);
    }
    expect(api.requests.some((one) => one.method === 'PATCH')).toBe(false);
  });
});
