/**
 * kill-pod of one container via Chaos Mesh, under a real kubelet that starts it again in the same pod. The controller is a STAND-IN
 * (support-kube/chaos-stand-in.ts); it kills from outside the container, as the daemon of Chaos Mesh does.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TEST_CONTEXT } from '../../packages/test-cluster/src/state/fake-nodes.ts';
import type { FaultRecord } from '../../src/core/result.ts';
import { signalProcess } from '../support/signal-process.ts';
import { ChaosStandIn } from './support-kube/chaos-stand-in.ts';
import { KubeBench, OPT_IN } from './support-kube/kube-bench.ts';
import { lacksNode } from './support-kube/real-node.ts';

const bench = new KubeBench('node');
const SPACE = 'containers';
const WEB = { namespace: SPACE, selector: 'app=web' };
let mesh: ChaosStandIn;

function target(): string {
  const { kubeconfig } = bench.cluster;
  const kubernetes = { context: TEST_CONTEXT, kubeconfig, services: { web: WEB }, backend: 'chaos-mesh' };
  const file = join(bench.folder, 'containers.yaml');
  writeFileSync(
    file,
    JSON.stringify({ name: 'containers', platform: 'kubernetes', kubernetes, policy: { optIn: true } }),
  );
  return file;
}

async function containerOf(name: string) {
  const [pod] = await bench.ready(WEB, 1);
  const found = pod?.inside.containers.find((one) => one.name === name);
  if (pod === undefined || found === undefined) throw new Error(`no container ${name}`);
  return { uid: pod.uid, id: found.id, restarts: found.restarts, lastEnd: found.lastEnd };
}

/** Process 1 of the container as this machine sees it. */
function pidOf(containerId: string): number {
  const hash = containerId.replace(/^.*:\/\//, '');
  const read = (pid: string, file: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8');
    } catch {
      // It has ended meanwhile.
      return '';
    }
  };
  const pid = readdirSync('/proc').find(
    (one) =>
      /^\d+$/.test(one) && read(one, 'cgroup').includes(hash) && /^NSpid:.*\t1$/m.test(read(one, 'status')),
  );
  if (pid === undefined) throw new Error(`no process of ${containerId}`);
  return Number(pid);
}

async function kill(container: string): Promise<FaultRecord> {
  const parameters = ['service=web', 'via=chaos-mesh', `container=${container}`, 'accept-outage=true'];
  const run = await bench.run('inject', 'kill-pod', ...parameters, '--yes', '--json', '--target', target());
  if (run.stdout === '') throw new Error(run.stderr);
  const record = JSON.parse(run.stdout) as FaultRecord;
  process.stderr.write(`${record.status}: ${record.injection?.evidence}; ${record.removal?.evidence}\n`);
  return record;
}

describe.skipIf(lacksNode !== null)(lacksNode ?? 'kill-pod of a container by Chaos Mesh (a stand-in)', () => {
  beforeAll(async () => {
    await bench.up();
    mesh = new ChaosStandIn(bench.admin, 'PodChaos', {
      async apply(id) {
        const { id: run } = await containerOf(id.split('/')[2] ?? '');
        signalProcess(pidOf(run ?? ''), 'SIGKILL');
      },
      recover: async () => undefined,
    });
    await mesh.install();
    await bench.create('/api/v1/namespaces', { metadata: { name: SPACE, labels: OPT_IN } });
    const labels = { app: 'web' };
    const common = { image: 'localhost/testpod:1', imagePullPolicy: 'Never' };
    const containers = ['app', 'side'].map((name, index) => ({
      ...common,
      name,
      args: ['serve', '-port', String(8080 + index)],
      readinessProbe: { httpGet: { path: '/ready', port: 8080 + index }, periodSeconds: 1 },
    }));
    await bench.create(`/apis/apps/v1/namespaces/${SPACE}/deployments`, {
      metadata: { name: 'web' },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers } },
      },
    });
    await bench.ready(WEB, 1);
  });
  afterAll(async () => {
    await mesh.stop();
    await bench.down();
    expect(await bench.quiet(5000)).toEqual([]);
  });
  beforeEach(() => {
    mesh.conduct = 'works';
  });

  it('ends exactly the planned run, even process 1 by SIGKILL, and reports its recovery in the same pod', async () => {
    const [before, other] = [await containerOf('side'), await containerOf('app')];
    const record = await kill('side');
    expect(record.status).toBe('injected');
    expect(record.injection?.evidence).toMatch(
      /^web-\S+ \(uid \w{8}, container side \w{8}\) is gone; no probe reaches this service \((exit code 137|the kubelet has not reported its exit code yet)\)$/,
    );
    const after = await containerOf('side');
    expect(after).toMatchObject({ uid: before.uid, restarts: before.restarts + 1 });
    expect(after.lastEnd).toMatchObject({ id: before.id, exitCode: 137 });
    expect(await containerOf('app')).toEqual(other);
    expect(record.pod?.phases.map((one) => one.name)).toContain('container died to container started again');
    expect(mesh.seen.at(-1)?.spec).toMatchObject({ action: 'container-kill', containerNames: ['side'] });
    expect(await mesh.objects()).toEqual([]);
  });

  it('is not injected when every record says so and the run goes on', async () => {
    mesh.conduct = 'lies';
    const before = await containerOf('app');
    const record = await kill('app');
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toMatch(
      /^the act failed: every record reports Injected, and web-\S+ \(uid \w{8}, container app \w{8}\) still runs$/,
    );
    expect(await containerOf('app')).toEqual(before);
    expect(await mesh.objects()).toEqual([]);
  });
});
