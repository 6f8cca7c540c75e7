/**
 * Links by Chaos Mesh on a real API server with pods of kwok. The controller is a STAND-IN (support-kube/chaos-mesh-stand-in.ts):
 * Chaos Mesh itself cannot be built here. What is real is everything on our side of the API: objects, watches, undo, keeper.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { TEST_CONTEXT } from '../../packages/test-cluster/src/state/fake-nodes.ts';
import { createJournal } from '../../src/chaos/healing/journal.ts';
import { recoverAll } from '../../src/chaos/healing/recover.ts';
import type { PodSelector } from '../../src/core/acts/kubernetes-handle.ts';
import type { PlatformHandle } from '../../src/core/acts/platform.ts';
import type { PlannedFault } from '../../src/core/plan.ts';
import type { FaultRecord } from '../../src/core/result.ts';
import { seededRng } from '../../src/core/rng.ts';
import { ms } from '../../src/core/units.ts';
import { rbacManifest } from '../../src/kube/guard/rbac.ts';
import { openKubePlatform } from '../../src/kube/kube-platform.ts';
import { thisHolder } from '../../src/system/holder.ts';
import { monotonicClock } from '../../src/system/monotonic-clock.ts';
import { openPlatform } from '../../src/targets/open-platform.ts';
import { ProbeWatch } from '../../src/targets/probes/probe-watch.ts';
import { topologyOf } from '../fakes/topology.ts';
import { plannedFault } from '../programs/planned-fault.ts';
import { injectOnce } from './support-chaos/inject-once.ts';
import { ChaosMeshStandIn } from './support-kube/chaos-mesh-stand-in.ts';
import { KubeBench, missing } from './support-kube/kube-bench.ts';

const bench = new KubeBench();
const CUT = ['inject', 'cut-link', 'from=probe', 'to=redis', '--yes', '--json'];
/** No process has this pid: pid_max is 2^22 on 64-bit Linux. */
const DEAD = { ...thisHolder(), pid: 2 ** 22 + 1 };
const places = { cache: bench.folder, state: bench.state };

let mesh: ChaosMeshStandIn;
let redis: PodSelector;
let url: string;
let runs = 0;

/** A target whose Redis is the stand-in's, and whose probes come from this machine. */
function target(name: string, kubeconfig = bench.cluster.kubeconfig): string {
  const kubernetes = {
    context: TEST_CONTEXT,
    kubeconfig,
    services: { redis, web: redis },
    backend: 'chaos-mesh',
    probesFrom: '127.0.0.1/32',
  };
  const file = join(bench.folder, `${name}.yaml`);
  const policy = { optIn: true };
  writeFileSync(file, JSON.stringify({ name, platform: 'kubernetes', kubernetes, redis: { url }, policy }));
  return file;
}

function handle(): PlatformHandle {
  const { kubeconfig } = bench.cluster;
  return {
    platform: 'kubernetes',
    identity: bench.identity,
    kubernetes: {
      kubeconfig,
      context: TEST_CONTEXT,
      services: { redis },
      chaosMesh: { probesFrom: ['127.0.0.1/32'], crossedBy: {} },
    },
  };
}

/** One fault with short times, in this process, whose journal is that of a dead one. */
const cut = (hold: string, meanwhile?: () => Promise<void>) =>
  inject(plannedFault('cut-link', { from: 'probe', to: 'redis', for: hold }), meanwhile);

async function inject(planned: PlannedFault, meanwhile?: () => Promise<void>) {
  runs += 1;
  const path = join(bench.folder, `run-${runs}`, 'journal.ndjson');
  const topology = topologyOf({ redis: { url } }, { platform: 'kubernetes', identity: handle().identity });
  const platform = openKubePlatform(handle(), topology);
  const journal = createJournal({
    path,
    places,
    run: `r${runs}`,
    platform: handle(),
    clock: monotonicClock,
    owner: DEAD,
  });
  const feed = new ProbeWatch({ topology, clock: monotonicClock });
  try {
    return await injectOnce({
      planned,
      world: { platform, clock: monotonicClock, rng: seededRng(1) },
      feed,
      journal,
      report: (event) => {
        if (event.kind === 'fault-injected') void meanwhile?.();
      },
      removalTimeoutMs: ms(4000),
    });
  } finally {
    await feed.stop();
    platform.close?.();
  }
}

interface Kinded {
  readonly kind: string;
  readonly metadata: { readonly namespace: string };
}

async function apply(object: Kinded): Promise<void> {
  const api = object.kind === 'ServiceAccount' ? '/api/v1' : '/apis/rbac.authorization.k8s.io/v1';
  await bench.create(`${api}/namespaces/${object.metadata.namespace}/${object.kind.toLowerCase()}s`, object);
}

const recover = () => recoverAll({ places, openPlatform, removalTimeoutMs: ms(5000) });

async function eventually(what: string, is: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await is())) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe.skipIf(missing !== null)(missing ?? 'links by Chaos Mesh (a stand-in for its controller)', () => {
  beforeAll(async () => {
    await bench.up();
    mesh = new ChaosMeshStandIn(bench.admin);
    url = `redis://127.0.0.1:${await mesh.listen()}`;
    redis = await bench.app('mesh', 2);
    await bench.ready(redis, 2);
  });
  afterAll(async () => {
    await mesh.stop();
    await bench.down();
    expect(await bench.quiet(5000)).toEqual([]);
  });
  beforeEach(() => {
    mesh.conduct = 'works';
  });

  it('are refused where Chaos Mesh is not installed, and doctor says so', async () => {
    const run = await bench.run(...CUT, '--for', '1s', '--target', target('none'));
    expect(run.code).toBe(77);
    expect(run.stderr).toContain(
      `kubernetes.backend: expected Chaos Mesh (networkchaos, podnetworkchaos in chaos-mesh.org/v1alpha1) at ${bench.cluster.server}, ` +
        'got no networkchaos, podnetworkchaos there. Install Chaos Mesh in this cluster, or remove kubernetes.backend from the target file.',
    );
    const doctor = await bench.run('doctor', '--target', target('none'));
    expect(doctor.stdout).toMatch(
      /^ {2}kill-pod +works {2}would take web-\S+ \(uid \w{8}\) \(kill-pod: \{ service: "redis"/m,
    );
    expect(doctor.stdout).toMatch(
      /^ {2}cut-link +no {5}\[(\d)\]$[\s\S]*^ {2}\[\1\] kubernetes\.backend: expected Chaos Mesh \(networkchaos, /m,
    );
    await mesh.install();
  });

  it('are cut, seen by the probe that crosses them, and healed record by record', async () => {
    const run = await bench.run(...CUT, '--for', '1s', '--target', target('normal'));
    if (run.stdout === '') throw new Error(run.stderr);
    const record = JSON.parse(run.stdout) as FaultRecord;
    expect(record.status).toBe('injected');
    expect(record.injection?.evidence).toBe(
      'the platform reports it in place, and redis sees it on both connections',
    );
    expect(record.removal?.evidence).toMatch(/^cut-link-\S+ is gone, 1 links as before$/);
    expect(record.timers.join('\n')).toContain('it ends the fault by itself 60 s after the planned hold');
    expect(await mesh.objects()).toEqual([]);
    const [last] = [...mesh.last.values()];
    expect(last?.spec).toMatchObject({
      action: 'partition',
      direction: 'both',
      mode: 'all',
      duration: '61s',
      externalTargets: ['127.0.0.1/32'],
    });
    expect(last?.status?.experiment?.containerRecords).toHaveLength(2);
  });

  it('are slowed, which the probe feels on both connections, and are as fast as before after it', async () => {
    const raw = { from: 'probe', to: 'redis', latency: '250ms', for: '1s' };
    let record = await inject(plannedFault('slow-link', raw));
    // On a busy machine the time before can be as slow as that, and then it is rightly not told apart.
    for (let more = 3; more > 0 && record.injection?.evidence.includes('from noise') === true; more -= 1) {
      record = await inject(plannedFault('slow-link', raw));
    }
    expect([record.status, record.injection?.evidence]).toEqual([
      'injected',
      expect.stringContaining('slower'),
    ]);
    expect([...mesh.last.values()].at(-1)?.spec).toMatchObject({
      action: 'delay',
      direction: 'to',
      delay: { latency: '250ms' },
    });
    expect(await mesh.objects()).toEqual([]);
  });

  it('are not injected where no controller works on the object', async () => {
    mesh.conduct = 'dead';
    const dead = await cut('1s');
    expect(dead.status).toBe('not-injected');
    expect(dead.injection?.evidence).toMatch(
      /^the act failed: after 8 s NetworkChaos mesh\/gauntlet-cut-link-\S+-0: no record and no finalizer: no Chaos Mesh controller works on it$/,
    );
    expect(await mesh.objects()).toEqual([]);
  });

  it('are not injected when one of two records is not, and what was injected is recovered', async () => {
    mesh.conduct = 'injects one';
    const record = await cut('1s');
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toMatch(
      /1 of 2 records not injected: mesh\/web-\S+ is Not Injected \(injected 0, recovered 0, Apply failed: unable to set ipset\)$/,
    );
    expect(await mesh.objects()).toEqual([]);
  });

  it('are residue when AllRecovered is true and a record was not recovered', async () => {
    mesh.conduct = 'lies';
    const record = await cut('1s');
    expect(record.status).toBe('residue');
    expect(record.removal?.evidence).toMatch(
      /^undo failed: NetworkChaos \S+ is gone, and 2 of 2 records not recovered: mesh\/web-\S+ is Not Injected \(injected 1, recovered 0\); /,
    );
    const last = [...mesh.last.values()].at(-1);
    expect(last?.status?.conditions).toContainEqual({ type: 'AllRecovered', status: 'True' });
    await recover();
  });

  it('are residue while a finalizer stays, and healed by recover when the controller can again', async () => {
    mesh.conduct = 'stuck';
    const record = await cut('1s');
    expect(record.status).toBe('residue');
    expect(record.removal?.evidence).toContain(
      'is Injected (injected 1, recovered 0, Recover failed: chaos-daemon is unavailable)',
    );
    expect((await recover()).residue).toHaveLength(1);
    mesh.conduct = 'works';
    const { undone, residue } = await recover();
    expect(residue).toEqual([]);
    expect(undone).toHaveLength(1);
    expect(await mesh.objects()).toEqual([]);
  });

  it('are residue when the controller dies after the injection', async () => {
    const record = await cut('1s', async () => {
      mesh.conduct = 'dead';
    });
    expect(record.status).toBe('residue');
    expect(record.removal?.evidence).toMatch(
      /is there: 2 of 2 records not recovered: .* is Injected \(injected 1, recovered 0\)/,
    );
    mesh.conduct = 'works';
    expect((await recover()).residue).toEqual([]);
  });

  it('are reported as ended early when another client deletes the object', async () => {
    const record = await cut('10s', async () => {
      for (const one of await mesh.objects()) await mesh.delete(one);
    });
    expect(record.status).toBe('injected');
    expect(record.cutShort).toBe(
      'the fault is not in place any more: it was not renewed in time, or another client ended it',
    );
    expect(record.removal?.evidence).toMatch(/is gone, 1 links as before$/);
  });

  it('are residue, also for a later recover, when another client removes the finalizer', async () => {
    const record = await cut('10s', async () => {
      mesh.conduct = 'dead';
      for (const one of await mesh.objects()) await mesh.force(one);
    });
    expect(record.status).toBe('residue');
    expect(record.removal?.evidence).toContain('is gone, and 2 of 2 records not recovered');
    const later = await recover();
    expect(later.residue[0]?.evidence).toMatch(
      /^undo failed: the object is gone, and Chaos Mesh still has rules of it in mesh\/web-\S+, mesh\/web-\S+\. Check these pods/,
    );
    await mesh.sweep();
    expect((await recover()).residue).toEqual([]);
  });

  it('are healed by the keeper when the harness is killed', async () => {
    const running = bench.start([...CUT, '--for', '60s', '--target', target('killed')]);
    await running.said('fault-injected');
    expect(await mesh.objects()).toHaveLength(1);
    running.child.kill('SIGKILL');
    await eventually('the object is gone', async () => (await mesh.objects()).length === 0);
    await eventually('the keeper has ended', async () => (await bench.quiet(100, 'keeper')).length === 0);
    const run = await bench.run('recover');
    expect([run.code, run.stdout.trim()]).toEqual([0, 'Nothing to undo.']);
  });

  it('work with exactly the rights that gauntlet rbac prints, and doctor says those that are missing', async () => {
    const services = { redis, web: redis };
    for (const [target, backend] of [
      ['mesh-rights', 'chaos-mesh'],
      ['mesh-less', undefined],
    ] as const) {
      const documents = parseAllDocuments(rbacManifest({ target, services, linksBy: backend }));
      for (const document of documents) await apply(document.toJS() as Kinded);
    }
    const as = async (account: string): Promise<string> =>
      target(account, bench.kubeconfig(account, { token: await bench.tokenOf('mesh', account) }));
    const run = await bench.run(...CUT, '--for', '1s', '--target', await as('gauntlet-mesh-rights'));
    if (run.stdout === '') throw new Error(run.stderr);
    expect((JSON.parse(run.stdout) as FaultRecord).status).toBe('injected');
    const doctor = await bench.run('doctor', '--target', await as('gauntlet-mesh-less'));
    expect(doctor.code).toBe(69);
    for (const missing of [
      'list networkchaos',
      'create networkchaos',
      'delete networkchaos',
      'list podnetworkchaos',
    ]) {
      expect(doctor.stdout).toContain(
        `permission in namespace mesh: expected ${missing}.chaos-mesh.org, got no. The minimal Role that Gauntlet needs: gauntlet rbac <target>`,
      );
    }
    expect(doctor.stdout).toMatch(/^ {2}kill-pod +works /m);
    expect(doctor.stdout).toMatch(/^ {2}cut-link +no /m);
  });

  it('that no probe crosses are refused, and nothing is made', async () => {
    const refused = ['inject', 'cut-link', 'from=web', 'to=redis', '--for', '1s', '--yes'];
    const run = await bench.run(...refused, '--target', target('refused'));
    expect(run.code).toBe(77);
    expect(run.stderr).toContain(
      'cut-link: expected a probe that crosses web->redis, got none: no probe crosses this link and it has no counters, so the effect could not be proven.',
    );
    expect(await mesh.objects()).toEqual([]);
  });
});
