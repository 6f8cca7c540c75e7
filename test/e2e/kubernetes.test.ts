/**
 * Faults on Kubernetes against a real API server, real controllers and a real scheduler (pods of kwok): what
 * works, and every refusal.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { restartPart } from '../../packages/test-cluster/src/cluster.ts';
import { killPod } from '../../src/chaos/faults/instances/kill-pod.ts';
import type { PodSelector } from '../../src/core/acts/kubernetes-handle.ts';
import type { FaultRecord } from '../../src/core/result.ts';
import { seededRng } from '../../src/core/rng.ts';
import { ms } from '../../src/core/units.ts';
import { rbacManifest } from '../../src/kube/guard/rbac.ts';
import type { KubePlatform } from '../../src/kube/kube-platform.ts';
import type { PodRecord } from '../../src/kube/pods/pod-record.ts';
import { monotonicClock } from '../../src/system/monotonic-clock.ts';
import { IMAGE, isUsers, KubeBench, missing, OPT_IN } from './support-kube/kube-bench.ts';
import { Wire } from './support-kube/wire.ts';

const bench = new KubeBench();
const sleep = (timeMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, timeMs));

async function inject(target: string, ...parameters: string[]): Promise<FaultRecord> {
  const run = await bench.run('inject', 'kill-pod', ...parameters, '--target', target, '--yes', '--json');
  if (run.stdout === '') throw new Error(run.stderr);
  return JSON.parse(run.stdout) as FaultRecord;
}

/** What the CLI says on stderr when it refuses, without the events before it. */
async function refusal(
  target: string,
  ...parameters: string[]
): Promise<readonly [number | null, readonly string[]]> {
  const run = await bench.run('inject', 'kill-pod', ...parameters, '--target', target, '--yes');
  const lines = run.stderr.trim().split('\n');
  return [run.code, lines.filter((line) => !line.startsWith('{'))];
}

const worldOf = (platform: KubePlatform) => ({ platform, clock: monotonicClock, rng: seededRng(1) });
const specOf = (raw: object) => {
  const parsed = killPod.parse(raw);
  if (!parsed.ok) throw new Error('the block does not parse');
  return parsed.spec;
};

describe.skipIf(missing !== null)(missing ?? 'faults on Kubernetes', () => {
  beforeAll(async () => await bench.up());
  afterAll(async () => {
    await bench.down();
    expect(await bench.quiet(5000)).toEqual([]);
  });

  it('kills a pod by deletion and reports its recovery in stretches that sum to the whole', async () => {
    const where = await bench.app('deleting', 3);
    const record = await inject(bench.target('deleting', { web: where }), 'service=web', 'signal=SIGTERM');
    expect(record.status).toBe('injected');
    expect(record.removal?.evidence).toBe('the old process is gone, 3 of 3 instances are ready');
    const phases = record.pod?.phases ?? [];
    const named = phases.flatMap((one) => one.name.split(' to '));
    for (const mark of [
      'deletion sent',
      'deletion accepted',
      'victim gone',
      'successor created',
      'successor scheduled',
      'successor started',
      'successor ready',
      'successor in its endpoints',
    ]) {
      expect(named, mark).toContain(mark);
    }
    expect(phases.every((one) => one.ms >= 0)).toBe(true);
    // Lists are read all the time while a kill is proven; only a start is known no better than to the
    // kubelet's second.
    const seen = phases.filter((one) => !one.name.endsWith(' to successor started'));
    expect(Math.max(...seen.map((one) => one.boundMs ?? 0))).toBeLessThan(1000);
    expect(record.timers.join('\n')).toMatch(
      /clock of the API server = \d+ ms ± \d+ ms (ahead of|behind) ours/,
    );
    await bench.ready(where, 3);
  });

  it.skipIf(isUsers)(
    'measures the clock of a server on the same machine as 0 within its own bound',
    async () => {
      const record = await inject(bench.target('deleting', { web: where('deleting') }), 'service=web');
      const said = /= (\d+) ms ± (\d+) ms/.exec(record.timers.join('\n'));
      expect(Number(said?.[1])).toBeLessThanOrEqual(Number(said?.[2]) + 1);
    },
  );

  it('evicts where the disruption budget allows, and is refused with its words where it does not', async () => {
    const web = await bench.app('budget', 3);
    const target = bench.target('budget', { web });
    expect((await inject(target, 'service=web', 'evict=true')).status).toBe('injected');
    await bench.ready(web, 3);
    await bench.create(`/apis/policy/v1/namespaces/${web.namespace}/poddisruptionbudgets`, {
      metadata: { name: 'web' },
      spec: { minAvailable: 3, selector: { matchLabels: { 'app.kubernetes.io/name': 'web' } } },
    });
    await sleep(1500);
    const record = await inject(target, 'service=web', 'evict=true');
    expect(record.status).toBe('not-injected');
    const pod = record.victim.split(' ')[0] ?? '';
    expect(record.injection?.evidence).toBe(
      `the act failed: evict pod ${pod} in ${web.namespace}: expected a disruption budget that allows it, ` +
        'got 429 The disruption budget web needs 3 healthy pods and has 3 currently. ' +
        'Wait until more replicas are ready, or delete instead of evicting (a deletion asks no budget).',
    );
    expect((await bench.ready(web, 3)).map((one) => one.name)).toContain(pod);
  });

  it('works with exactly the rights that gauntlet rbac prints, and names every one that is missing', async () => {
    const web = await bench.app('rights', 3);
    const manifest = rbacManifest({ target: 'rights', services: { web } });
    for (const document of parseAllDocuments(manifest)) await create(document.toJS() as Kinded);
    const token = await bench.tokenOf(bench.namespace('rights'), 'gauntlet-rights');
    const file = bench.kubeconfig('rights', { token });
    const target = bench.target('rights', { web }, file);
    expect((await inject(target, 'service=web')).status).toBe('injected');
    await bench.ready(web, 3);
    expect((await inject(target, 'service=web', 'evict=true')).status).toBe('injected');
    await bench.ready(web, 3);
    await bench.create(`/api/v1/namespaces/${web.namespace}/serviceaccounts`, {
      metadata: { name: 'nobody' },
    });
    const nobody = bench.kubeconfig('nobody', {
      token: await bench.tokenOf(bench.namespace('rights'), 'nobody'),
    });
    const next = 'The minimal Role that Gauntlet needs: gauntlet rbac <target>';
    expect(await refusal(bench.target('rights2', { web }, nobody), 'service=web')).toEqual([
      77,
      [
        'get namespaces',
        'list pods',
        'watch pods',
        'list endpointslices.discovery.k8s.io',
        'watch endpointslices.discovery.k8s.io',
        'delete pods',
        ...['replicasets.apps', 'deployments.apps', 'statefulsets.apps', 'daemonsets.apps'].map(
          (one) => `get ${one}`,
        ),
        ...['replicationcontrollers', 'jobs.batch', 'cronjobs.batch'].map((one) => `get ${one}`),
        ...['get', 'create', 'update', 'delete'].map((verb) => `${verb} leases.coordination.k8s.io`),
        ...['get', 'list', 'create', 'update', 'delete'].map((verb) => `${verb} configmaps`),
      ].map((verb) => `permission in namespace ${web.namespace}: expected ${verb}, got no. ${next}`),
    ]);
  });

  it('touches nothing without an opt-in', async () => {
    const web = await bench.app('quiet', 2, {});
    const [code, lines] = await refusal(
      bench.target('quiet', { web }),
      'service=web',
      'mode=all',
      'accept-outage=true',
    );
    const pods = (await bench.ready(web, 2)).map((one) => one.name).sort();
    expect(code).toBe(77);
    expect([...lines].sort()).toEqual(
      pods.map(
        (pod) =>
          `pod ${pod} in ${web.namespace}: expected label gauntlet.dev/faults=enabled on its namespace or on its workload's pod template, ` +
          `got no such label. Its owner allows faults with: kubectl label namespace ${web.namespace} gauntlet.dev/faults=enabled`,
      ),
    );
  });

  it.skipIf(isUsers)('touches nothing in a protected namespace whatever its label says', async () => {
    const monitoring = await bench.app('monitoring', 1, OPT_IN);
    const [pod] = await bench.ready(monitoring, 1);
    // Another namespace, in which the journal of the run can be.
    const other = { namespace: bench.namespace('deleting'), selector: 'app=nobody' };
    expect(await refusal(bench.target('monitoring', { web: monitoring, other }), 'service=web')).toEqual([
      77,
      [
        `pod ${pod?.name}: expected a namespace that is not protected, got monitoring (always protected: kube-system, ` +
          'kube-public, kube-node-lease, calico-system, cert-manager, istio-system, logging, monitoring).',
      ],
    ]);
    expect((await bench.ready(monitoring, 1))[0]?.uid).toBe(pod?.uid);
  });

  it('calls a selector that matches nothing a mistake, before anything is touched', async () => {
    const namespace = bench.namespace('deleting');
    const nobody = { namespace, selector: 'app=nobody' };
    const target = bench.target('empty', { web: nobody });
    expect(await refusal(target, 'service=web')).toEqual([
      64,
      [
        `kill-pod.service: expected a service with pods, got "web", whose selector app=nobody matches no pod in namespace ${namespace}. ` +
          `Helm charts label with app.kubernetes.io/name: kubectl get pods -n ${namespace} --show-labels`,
      ],
    ]);
  });

  it('does not touch a successor of the same name when the victim was replaced between plan and fire', async () => {
    const namespace = bench.namespace('replaced');
    await bench.create('/api/v1/namespaces', { metadata: { name: namespace, labels: OPT_IN } });
    await bench.create(`/apis/apps/v1/namespaces/${namespace}/statefulsets`, {
      metadata: { name: 'db' },
      spec: {
        replicas: 1,
        serviceName: 'db',
        selector: { matchLabels: { app: 'db' } },
        template: {
          metadata: { labels: { app: 'db' } },
          spec: { containers: [{ name: 'c', image: IMAGE }] },
        },
      },
    });
    const db = { namespace, selector: 'app=db' };
    await bench.ready(db, 1);
    const platform = bench.platform({ db });
    try {
      const world = worldOf(platform);
      const plan = await killPod.plan(specOf({ service: 'db' }), world);
      const path = `/api/v1/namespaces/${namespace}/pods/db-0`;
      await bench.admin.ask({ method: 'DELETE', path, what: 'replace', query: { gracePeriodSeconds: 0 } });
      const [successor] = await other(db, plan.act.victims[0]);
      await expect(killPod.apply(plan, world, ms(1000))).rejects.toThrow(
        `${plan.victim} was gone before the signal was sent`,
      );
      expect((await bench.ready(db, 1))[0]?.uid).toBe(successor?.uid);
    } finally {
      platform.close?.();
    }
  });

  it('is undone by the keeper when the harness is killed in the middle, and its lock in the cluster goes with it', async () => {
    const web = await bench.app('killed', 3);
    const target = bench.target('killed', { web });
    const running = bench.start(['inject', 'kill-pod', 'service=web', '--target', target, '--yes']);
    const killed = running.said('kill-pod: applied').then(() => running.child.kill('SIGKILL'));
    await Promise.all([killed, running.finished]);
    await bench.ready(web, 3);
    expect(await bench.quiet(15_000, 'keeper')).toEqual([]);
    expect(await leases('killed')).toEqual([]);
    const recover = await bench.run('recover', '--target', target);
    expect([recover.code, recover.stdout]).toEqual([0, 'Nothing to undo.\n']);
  });

  it('is refused while a run on another machine has the namespace', async () => {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${bench.namespace('killed')}/leases`;
    const spec = { holderIdentity: 'elsewhere pid 7 99: run demo', leaseDurationSeconds: 15 };
    await bench.create(path, { metadata: { name: 'gauntlet' }, spec });
    const renew = setInterval(() => {
      const body = { spec: { renewTime: new Date().toISOString().replace('Z', '000Z') } };
      void bench.admin.ask({ method: 'PATCH', path: `${path}/gauntlet`, what: 'renew', body });
    }, 500);
    try {
      expect(await refusal(bench.target('killed', { web: where('killed') }), 'service=web')).toEqual([
        77,
        [
          `namespace ${bench.namespace('killed')}: expected no other active run on this namespace, got elsewhere (pid 7): run demo, since some time. ` +
            'Wait until it ends.',
        ],
      ]);
    } finally {
      clearInterval(renew);
    }
    expect(await leases('killed')).toEqual(['elsewhere pid 7 99: run demo']);
  });

  it.skipIf(isUsers)('says what to do when the token has expired', async () => {
    const token = bench.expired(await bench.tokenOf(bench.namespace('rights'), 'gauntlet-rights'));
    const file = bench.kubeconfig('expired', { token });
    const target = bench.target('expired', { web: where('rights') }, file);
    expect(await refusal(target, 'service=web')).toEqual([
      69,
      [
        `get namespace kube-system at ${bench.cluster.server}: expected credentials that the API server accepts, got 401 Unauthorized. ` +
          'The token or certificate of this context has expired or was revoked: log in again and repeat.',
      ],
    ]);
  });

  it.skipIf(isUsers)(
    'keeps the lives across an API server that is killed and comes back, with the blind time as an interval',
    async () => {
      const web = await bench.app('restart', 2);
      const platform = bench.platform({ web });
      try {
        const before = await platform.instances.lives('web');
        expect(before.filter((one) => one.endedAt === null)).toHaveLength(2);
        const cutAt = monotonicClock.now();
        await restartPart(bench.cluster, 'apiserver', 500);
        await kill(web);
        const after = await platform.instances.lives('web');
        expect(after.filter((one) => one.endedAt === null && one.readyAt !== null)).toHaveLength(2);
        expect(after).toHaveLength(3);
        const gaps = platform.lives('web').gaps;
        expect(gaps.length).toBeGreaterThan(0);
        expect(gaps.some((gap) => gap.from <= cutAt + 500 && gap.to >= cutAt + 500)).toBe(true);
      } finally {
        platform.close?.();
      }
    },
  );

  it.skipIf(isUsers)(
    'notices a watch that is cut without a word, and says how late its stamps may be',
    async () => {
      const web = await bench.app('cut', 2);
      const wire = await Wire.open(Number(new URL(bench.cluster.server).port));
      const file = bench.kubeconfig('cut', bench.adminUser(), `https://127.0.0.1:${wire.port}`);
      const platform = bench.platform({ web }, file);
      try {
        await platform.instances.lives('web');
        // An event that came through: the connection that is cut next is that of the watch.
        await kill(web);
        expect((await platform.instances.lives('web')).filter((life) => life.endedAt !== null)).toHaveLength(
          1,
        );
        wire.freeze();
        const frozenAt = monotonicClock.now();
        const pod = await kill(web);
        const lives = await platform.instances.lives('web');
        const old = lives.find((life) => life.instance === pod?.name);
        const gone = old?.marks?.find((mark) => mark.name === 'gone');
        expect(gone).toBeDefined();
        // It lies between the cut and the reconnection, and the bound reaches back that far.
        expect((gone?.at ?? 0) - (gone?.boundMs ?? 0)).toBeLessThanOrEqual(frozenAt + 100);
        expect(gone?.boundMs).toBeGreaterThan(1000);
        expect(platform.lives('web').gaps.map((gap) => gap.why)).toContain(
          'the watch fell behind a fresh list',
        );
      } finally {
        platform.close?.();
        await wire.close();
      }
    },
  );
});

/** Who holds the locks of a namespace. */
async function leases(namespace: string): Promise<readonly string[]> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${bench.namespace(namespace)}/leases`;
  const { body } = await bench.admin.ask<{ items: { spec: { holderIdentity: string } }[] }>({
    method: 'GET',
    path,
    what: 'list leases',
  });
  return body.items.map((one) => one.spec.holderIdentity);
}

/** Kills one of two pods behind the harness's back and waits for its successor. */
async function kill(web: PodSelector): Promise<PodRecord | undefined> {
  const [pod] = await bench.ready(web, 2);
  const path = `/api/v1/namespaces/${web.namespace}/pods/${pod?.name}`;
  await bench.admin.ask({ method: 'DELETE', path, what: 'kill', query: { gracePeriodSeconds: 0 } });
  await bench.ready(web, 2);
  return pod;
}

const where = (name: string) => ({
  namespace: bench.namespace(name),
  selector: 'app.kubernetes.io/name=web',
});

interface Kinded {
  readonly kind: string;
  readonly metadata: { readonly namespace: string };
}

async function create(object: Kinded): Promise<void> {
  const { namespace } = object.metadata;
  const api = object.kind === 'ServiceAccount' ? '/api/v1' : '/apis/rbac.authorization.k8s.io/v1';
  await bench.create(`${api}/namespaces/${namespace}/${object.kind.toLowerCase()}s`, object);
}

/** Waits until the one pod of the selector is another than this. */
async function other(selector: { namespace: string; selector: string }, than: unknown) {
  for (;;) {
    const pods = await bench.ready(selector, 1).catch(() => []);
    if (pods[0] !== undefined && pods[0].uid !== (than as { uid?: string }).uid) return pods;
    await sleep(50);
  }
}
