/**
 * kill-pod via Chaos Mesh on a real API server with a StatefulSet of kwok's pods, whose successors have the names of the lost. The
 * controller is a STAND-IN (support-kube/chaos-stand-in.ts): Chaos Mesh itself cannot be built here. Its hand deletes for real.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { TEST_CONTEXT } from '../../packages/test-cluster/src/state/fake-nodes.ts';
import type { FaultRecord } from '../../src/core/result.ts';
import { rbacManifest } from '../../src/kube/guard/rbac.ts';
import { type ChaosJson, ChaosStandIn, type Hand } from './support-kube/chaos-stand-in.ts';
import { KubeBench, missingOwn as missing, OPT_IN } from './support-kube/kube-bench.ts';

const bench = new KubeBench();
const SPACE = 'kills';
const DB = { namespace: SPACE, selector: 'app=db' };
const WEB = { namespace: SPACE, selector: 'app=web' };
const podPath = (name: string): string => `/api/v1/namespaces/${SPACE}/pods/${name}`;
let mesh: ChaosStandIn;

function target(name: string, kubeconfig = bench.cluster.kubeconfig): string {
  const kubernetes = {
    context: TEST_CONTEXT,
    kubeconfig,
    services: { db: DB, web: WEB },
    backend: 'chaos-mesh',
  };
  const file = join(bench.folder, `${name}.yaml`);
  writeFileSync(file, JSON.stringify({ name, platform: 'kubernetes', kubernetes, policy: { optIn: true } }));
  return file;
}

const killOf = (service: string): string[] => [
  ...['inject', 'kill-pod', `service=${service}`, 'via=chaos-mesh', '--yes', '--json'],
];
const KILL = killOf('db');
const kill = (...more: string[]): Promise<FaultRecord> => inject(KILL, ...more);
async function inject(command: readonly string[], ...more: string[]): Promise<FaultRecord> {
  await bench.ready(DB, 2);
  await bench.ready(WEB, 2);
  const run = await bench.run(...command, ...more, '--target', target('kills'));
  if (run.stdout === '') throw new Error(run.stderr);
  const record = JSON.parse(run.stdout) as FaultRecord;
  process.stderr.write(`${record.status}: ${record.injection?.evidence}; ${record.removal?.evidence}\n`);
  return record;
}

const deletePod = async (name: string, gracePeriodSeconds: number): Promise<void> => {
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds };
  await bench.admin.ask({ method: 'DELETE', path: podPath(name), what: `delete ${name}`, body });
};
const nameIn = (id: string): string => id.split('/')[1] ?? '';
/** By name, as Chaos Mesh does it. */
const byName: Hand = {
  apply: (id, { spec }) => deletePod(nameIn(id), spec?.gracePeriod ?? 0),
  recover: async () => undefined,
};
const uidOf = async (name: string): Promise<string | null> =>
  (
    await bench.admin
      .ask<{ metadata: { uid: string } }>({ method: 'GET', path: podPath(name), what: 'read' })
      .catch(() => null)
  )?.body.metadata.uid ?? null;

async function successor(name: string, of: string | null): Promise<string> {
  for (;;) {
    const now = await uidOf(name);
    if (now !== null && now !== of) return now;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const gone = async (): Promise<readonly ChaosJson[]> => await mesh.objects();

describe.skipIf(missing !== null)(missing ?? 'kill-pod by Chaos Mesh (a stand-in for its controller)', () => {
  beforeAll(async () => {
    await bench.up();
    mesh = new ChaosStandIn(bench.admin, 'PodChaos', byName);
    await bench.create('/api/v1/namespaces', { metadata: { name: SPACE, labels: OPT_IN } });
    for (const [kind, name] of [
      ['statefulsets', 'db'],
      ['deployments', 'web'],
    ] as const) {
      const labels = { app: name };
      const containers = [{ name: 'c', image: 'fake' }];
      const spec = {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
      };
      await bench.create(`/apis/apps/v1/namespaces/${SPACE}/${kind}`, {
        metadata: { name },
        spec: kind === 'statefulsets' ? { ...spec, serviceName: name } : spec,
      });
    }
    await bench.ready(DB, 2);
  });
  afterAll(async () => {
    await mesh.stop();
    await bench.down();
    expect(await bench.quiet(5000)).toEqual([]);
  });
  beforeEach(() => {
    mesh.conduct = 'works';
    mesh.hand = byName;
  });

  it('is refused where Chaos Mesh is not installed, and doctor lists it apart from the deletion that works', async () => {
    const run = await bench.run(...KILL, '--target', target('none'));
    expect(run.code).toBe(77);
    expect(run.stderr).toContain(
      `kubernetes.backend: expected Chaos Mesh (podchaos in chaos-mesh.org/v1alpha1) at ${bench.cluster.server}, got no podchaos there.`,
    );
    const before = await bench.run('doctor', '--target', target('none'));
    expect(before.stdout).toMatch(/^ {2}kill-pod +works {2}would take db-\d .*signal: "SIGKILL"/m);
    expect(before.stdout).toMatch(/^ {2}kill-pod +no /m);
    await mesh.install();
    const after = await bench.run('doctor', '--target', target('none'));
    expect(after.stdout).toMatch(/^ {2}kill-pod +works {2}would take db-\d .*via: "chaos-mesh"/m);
  });

  it('ends the planned uid, reports its recovery in stretches that sum, and leaves no object', async () => {
    const before = [await uidOf('db-0'), await uidOf('db-1')];
    const record = await kill();
    expect(record.status).toBe('injected');
    expect(record.injection?.evidence).toMatch(
      /^db-\d \(uid \w{8}\) is gone; no probe reaches this service$/,
    );
    const name = record.injection?.evidence.slice(0, 4) ?? '';
    expect(before).not.toContain(await uidOf(name));
    expect(record.timers[0]).toContain('By Chaos Mesh (PodChaos), which selects by name');
    const phases = record.pod?.phases ?? [];
    process.stderr.write(`${phases.map((one) => `${one.ms.toFixed(0)} ms ${one.name}`).join('\n')}\n`);
    expect(phases.map((one) => one.name)).toContain('successor created to successor scheduled');
    expect(mesh.seen.at(-1)?.spec).toMatchObject({ action: 'pod-kill', mode: 'all', gracePeriod: 0 });
    expect(await gone()).toEqual([]);
  });

  it('drains for the grace that was asked for, or for the own one of the pod', async () => {
    // Not the StatefulSet: kwok ends a pod that drains by its name, and now and then does so to the successor as well.
    const drain = (...more: string[]) => inject(killOf('web'), 'signal=SIGTERM', ...more);
    expect((await drain('grace=5s')).status).toBe('injected');
    expect(mesh.seen.at(-1)?.spec?.gracePeriod).toBe(5);
    expect((await drain()).status).toBe('injected');
    expect(mesh.seen.at(-1)?.spec?.gracePeriod).toBe(30);
  });

  it('is not injected when every record says so and no pod went', async () => {
    mesh.conduct = 'lies';
    const record = await kill();
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toMatch(
      /^the act failed: every record reports Injected, and db-\d \(uid \w{8}\) still runs$/,
    );
    expect(await gone()).toEqual([]);
  });

  it('is not injected when another client deleted the victim and Chaos Mesh its successor of the same name', async () => {
    mesh.hand = {
      ...byName,
      async apply(id, object) {
        const old = await uidOf(nameIn(id));
        await deletePod(nameIn(id), 0);
        await successor(nameIn(id), old);
        await byName.apply(id, object);
      },
    };
    const record = await kill();
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toMatch(
      /^the act failed: killed by the name of a victim, and not planned: db-\d \(uid \w{8}\)/,
    );
    expect(await gone()).toEqual([]);
  });

  it('is not injected when a kill whose record could not be written was done again', async () => {
    let kills = 0;
    mesh.hand = {
      ...byName,
      async apply(id, object) {
        const old = await uidOf(nameIn(id));
        await byName.apply(id, object);
        kills += 1;
        if (kills > 1) return;
        await successor(nameIn(id), old);
        throw new Error('the object has been modified');
      },
    };
    const record = await kill();
    expect(kills).toBe(2);
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toContain('killed by the name of a victim, and not planned: ');
  });

  it('is not injected where no controller works, and the object does not stay for one that wakes up later', async () => {
    mesh.conduct = 'dead';
    const before = [await uidOf('db-0'), await uidOf('db-1')];
    const record = await kill();
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toMatch(
      /^the act failed: after 8 s PodChaos kills\/gauntlet-kill-pod-\S+-0: no record and no finalizer: no Chaos Mesh controller works on it$/,
    );
    mesh.conduct = 'works';
    expect(await gone()).toEqual([]);
    expect([await uidOf('db-0'), await uidOf('db-1')]).toEqual(before);
  });

  it('reports why a record was not injected', async () => {
    mesh.conduct = 'fails';
    expect((await kill()).injection?.evidence).toMatch(
      /1 of 1 records not injected: kills\/db-\d is Not Injected \(injected 0, recovered 0, Apply failed: Error: chaos-daemon is unavailable\)$/,
    );
  });

  it('is taken back by the keeper when the harness is killed before anybody worked on it', async () => {
    mesh.conduct = 'dead';
    await bench.ready(DB, 2);
    const before = [await uidOf('db-0'), await uidOf('db-1')];
    const running = bench.start([...KILL, '--target', target('killed')]);
    while ((await gone()).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    running.child.kill('SIGKILL');
    for (let left = 200; left > 0 && (await gone()).length > 0; left -= 1)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await gone()).toEqual([]);
    mesh.conduct = 'works';
    while ((await bench.quiet(100, 'keeper')).length > 0)
      await new Promise((resolve) => setTimeout(resolve, 100));
    const recovered = await bench.run('recover');
    expect([recovered.code, recovered.stdout.trim()]).toEqual([0, 'Nothing to undo.']);
    expect([await uidOf('db-0'), await uidOf('db-1')]).toEqual(before);
  });

  it('works with exactly the rights that gauntlet rbac prints', async () => {
    const manifest = rbacManifest({
      target: 'kill-rights',
      services: { db: DB, web: WEB },
      linksBy: 'chaos-mesh',
    });
    for (const document of parseAllDocuments(manifest)) {
      const object = document.toJS() as { kind: string; metadata: { namespace: string } };
      const api = object.kind === 'ServiceAccount' ? '/api/v1' : '/apis/rbac.authorization.k8s.io/v1';
      await bench.create(
        `${api}/namespaces/${object.metadata.namespace}/${object.kind.toLowerCase()}s`,
        object,
      );
    }
    await bench.ready(DB, 2);
    const token = await bench.tokenOf(SPACE, 'gauntlet-kill-rights');
    const run = await bench.run(...KILL, '--target', target('rights', bench.kubeconfig('rights', { token })));
    if (run.stdout === '') throw new Error(run.stderr);
    expect((JSON.parse(run.stdout) as FaultRecord).status).toBe('injected');
  });
});
