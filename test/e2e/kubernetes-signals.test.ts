/** kill-pod by a signal inside the container: real processes under a real kubelet, what works and what the kernel forbids. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRecord } from '../../src/core/result.ts';
import { KubeBench, OPT_IN } from './support-kube/kube-bench.ts';
import { lacksNode } from './support-kube/real-node.ts';

const bench = new KubeBench('node');
const NAMESPACE = 'signals';
/** The image of the test cluster holds one binary; the shell is that of the machine, with its libraries. */
const SHELL = { usr: '/usr', lib: '/usr/lib', lib64: '/usr/lib64' } as const;
const HAS_SHELL = {
  volumeMounts: Object.keys(SHELL).map((name) => ({ name, mountPath: `/${name}`, readOnly: true })),
};
const volumes = Object.entries(SHELL).map(([name, path]) => ({ name, hostPath: { path } }));
const SERVE = {
  name: 'web',
  image: 'localhost/testpod:1',
  imagePullPolicy: 'Never',
  args: ['serve', '-ready-after', '500ms', '-drain', '300ms'],
  readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 1 },
};
const where = (app: string) => ({ namespace: NAMESPACE, selector: `app=${app}` });
const TARGETS = ['term', 'shared', 'deaf', 'bare'] as const;

async function deploy(app: (typeof TARGETS)[number], container: object, spec: object = {}): Promise<void> {
  const labels = { app };
  await bench.create(`/api/v1/namespaces/${NAMESPACE}/services`, {
    metadata: { name: app },
    spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
  });
  await bench.create(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments`, {
    metadata: { name: app },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container], volumes, ...spec } },
    },
  });
}

const inject = async (app: (typeof TARGETS)[number], ...parameters: string[]) =>
  await bench.run(
    ...['inject', 'kill-pod', `service=${app}`, 'via=signal', 'accept-outage=true', ...parameters],
    ...['--target', bench.target(app, { [app]: where(app) }), '--yes', '--json'],
  );

async function injected(app: (typeof TARGETS)[number], ...parameters: string[]): Promise<FaultRecord> {
  const run = await inject(app, ...parameters);
  if (run.stdout === '') throw new Error(run.stderr);
  const record = JSON.parse(run.stdout) as FaultRecord;
  process.stderr.write(
    `${app}: ${record.status}: ${record.injection?.evidence}; ${record.removal?.evidence}\n`,
  );
  return record;
}

async function containerOf(app: (typeof TARGETS)[number]) {
  const [pod] = await bench.ready(where(app), 1);
  const container = pod?.inside.containers[0];
  if (pod === undefined || container === undefined) throw new Error('no pod');
  return {
    uid: pod.uid,
    pod: pod.name,
    id: container.id,
    restarts: container.restarts,
    lastEnd: container.lastEnd,
  };
}

describe.skipIf(lacksNode !== null)(lacksNode ?? 'kill-pod by a signal inside the container', () => {
  beforeAll(async () => {
    await bench.up();
    await bench.create('/api/v1/namespaces', { metadata: { name: NAMESPACE, labels: OPT_IN } });
    await deploy('term', { ...SERVE, ...HAS_SHELL });
    await deploy('shared', { ...SERVE, ...HAS_SHELL }, { shareProcessNamespace: true });
    const loop = ['sh', '-c', 'while :; do sleep 1; done'];
    const { name, image, imagePullPolicy } = SERVE;
    await deploy('deaf', { name, image, imagePullPolicy, command: loop, ...HAS_SHELL });
    await deploy('bare', SERVE);
    await Promise.all(TARGETS.map((app) => bench.ready(where(app), 1)));
  });
  afterAll(async () => {
    await bench.down();
    expect(await bench.quiet(5000)).toEqual([]);
  });

  it('ends a process that handles SIGTERM; the same pod comes back in stretches that sum to the whole', async () => {
    const before = await containerOf('term');
    const record = await injected('term', 'signal=SIGTERM');
    expect(record.status).toBe('injected');
    const after = await containerOf('term');
    expect(after).toMatchObject({ uid: before.uid, restarts: before.restarts + 1 });
    expect(after.id).not.toBe(before.id);
    expect(after.lastEnd).toMatchObject({ id: before.id, exitCode: 0 });
    const phases = record.pod?.phases ?? [];
    process.stderr.write(
      `${phases.map((one) => `${one.ms.toFixed(1)} ms ${one.name} (${one.boundMs})`).join('\n')}\n`,
    );
    expect(phases.map((one) => one.name)).toEqual([
      'signal sent to container died',
      'container died to container started again',
      'container started again to pod ready again',
      'pod ready again to pod in its endpoints again',
    ]);
  });

  it('is refused for SIGKILL to process 1 of a namespace, before anything is touched', async () => {
    const { pod, uid, id, restarts } = await containerOf('term');
    const run = await inject('term');
    expect(run.code).toBe(77);
    expect(run.stderr).toContain(
      `kill-pod on ${pod} (uid ${uid.slice(0, 8)}): expected a process that SIGKILL from inside its container can end, ` +
        'got process 1 of its own pid namespace, for which the kernel drops SIGKILL from within. ' +
        'Use signal: SIGTERM, name a child with process, set shareProcessNamespace: true in the pod, or leave out via: signal.',
    );
    expect(await containerOf('term')).toMatchObject({ id, restarts });
  });

  it('kills where the process namespace is shared, and the kubelet reports exit code 137', async () => {
    const before = await containerOf('shared');
    const record = await injected('shared');
    expect(record.status).toBe('injected');
    const after = await containerOf('shared');
    expect(after).toMatchObject({ uid: before.uid, restarts: 1, lastEnd: { id: before.id, exitCode: 137 } });
  });

  it.each([
    [
      'deaf',
      'expected a process that SIGTERM from inside its container can end, got sh as process 1 without a handler for SIGTERM, ' +
        'for which the kernel drops it. Set shareProcessNamespace: true in the pod, or name another process. ' +
        'Leave out via: signal: the pod is then deleted.',
    ],
    ['bare', 'expected a shell (sh) in the image, which sends the signal, got '],
  ] as const)('is refused where it cannot arrive, with the reason: %s', async (app, text) => {
    const before = await containerOf(app);
    const run = await inject(app, 'signal=SIGTERM');
    expect(run.code).toBe(77);
    expect(run.stderr).toContain(`SIGTERM in container web of pod ${before.pod}: ${text}`);
    expect(await containerOf(app)).toMatchObject({ id: before.id, restarts: 0 });
  });
});
