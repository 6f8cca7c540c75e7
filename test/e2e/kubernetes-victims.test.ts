/** Who is killed, on a real API server with real controllers and a real scheduler (pods of kwok on 50 nodes in three zones). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { PodSelector } from '../../src/core/acts/kubernetes-handle.ts';
import type { FaultRecord } from '../../src/core/result.ts';
import { type Need, usualActs } from '../../src/kube/guard/permissions.ts';
import { rbacManifest } from '../../src/kube/guard/rbac.ts';
import { IMAGE, KubeBench, missing, OPT_IN } from './support-kube/kube-bench.ts';

const bench = new KubeBench();
const NAMESPACE = bench.namespace('choosing');
const SHOP: PodSelector = { namespace: NAMESPACE, selector: 'app=shop' };
const WORKLOADS = [
  { kind: 'deployments', name: 'web', replicas: 3 },
  { kind: 'deployments', name: 'canary', replicas: 1 },
  { kind: 'statefulsets', name: 'db', replicas: 2 },
] as const;
const ALL = 6;

interface Placed {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly zone: string;
}

/** The pods as the API server has them, read without the code that is tested. */
async function pods(): Promise<readonly Placed[]> {
  const ready = await bench.ready(SHOP, ALL);
  return await Promise.all(
    ready.map(async ({ name, uid, node }) => {
      const { body } = await bench.admin.ask<{ metadata: { labels: Record<string, string> } }>({
        method: 'GET',
        path: `/api/v1/nodes/${node}`,
        what: 'read a node',
      });
      return { name, uid, node: node ?? '', zone: body.metadata.labels['topology.kubernetes.io/zone'] ?? '' };
    }),
  );
}

const target = (kubeconfig?: string): string => bench.target('choosing', { shop: SHOP }, kubeconfig);
const inject = async (file: string, ...parameters: string[]) =>
  await bench.run('inject', 'kill-pod', 'service=shop', ...parameters, '--target', file, '--yes', '--json');

/** The names of those that are gone now, and what the record says. */
async function killed(...parameters: string[]) {
  const before = await pods();
  const run = await inject(target(), ...parameters);
  if (run.stdout === '') throw new Error(run.stderr);
  const record = JSON.parse(run.stdout) as FaultRecord;
  expect(record.status).toBe('injected');
  const after = await pods();
  const gone = before.filter((one) => !after.some((now) => now.uid === one.uid));
  return { before, gone, record };
}

/** Exit code and the last line that is no event. */
async function refusal(file: string, ...parameters: string[]): Promise<readonly [number | null, string]> {
  const before = (await pods()).map((one) => one.uid).sort();
  const run = await inject(file, ...parameters);
  expect((await pods()).map((one) => one.uid).sort()).toEqual(before);
  const lines = run.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  return [run.code, lines.join('\n')];
}

describe.skipIf(missing !== null)(missing ?? 'choosing victims on Kubernetes', () => {
  beforeAll(async () => {
    await bench.up();
    await bench.create('/api/v1/namespaces', { metadata: { name: NAMESPACE, labels: OPT_IN } });
    for (const { kind, name, replicas } of WORKLOADS) {
      const labels = { app: 'shop', part: name };
      await bench.create(`/apis/apps/v1/namespaces/${NAMESPACE}/${kind}`, {
        metadata: { name },
        spec: {
          replicas,
          selector: { matchLabels: labels },
          ...(kind === 'statefulsets' && { serviceName: name }),
          template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: IMAGE }] } },
        },
      });
    }
    await bench.ready(SHOP, ALL);
  });
  afterAll(async () => {
    await bench.down();
    expect(await bench.quiet(5000)).toEqual([]);
  });

  it('kills the pods of one owner, found through its ReplicaSet, and no other', async () => {
    const { gone, record } = await killed('owner=deployment/canary');
    expect(gone.map((one) => one.name.replace(/-.*/, ''))).toEqual(['canary']);
    expect(record.victim).toBe(`${gone[0]?.name} (uid ${gone[0]?.uid.slice(0, 8)}) (deployment/canary)`);
  });

  it('kills a share of those of an owner, rounded up', async () => {
    const { gone } = await killed('owner=deployment/web', 'mode=50%');
    expect(gone.map((one) => one.name.replace(/-.*/, ''))).toEqual(['web', 'web']);
  });

  it('kills all of a zone, as its nodes are labelled when the fault fires', async (test) => {
    const zone = (await pods())[0]?.zone ?? '';
    test.skip(zone === '', 'the nodes of this cluster have no zone');
    const { before, gone } = await killed(`zone=${zone}`, 'mode=all', 'accept-outage=true');
    expect(gone.map((one) => one.name).sort()).toEqual(
      before
        .filter((one) => one.zone === zone)
        .map((one) => one.name)
        .sort(),
    );
  });

  it('kills what is on a node, and what has a name', async () => {
    const [one] = await pods();
    const onNode = await killed(`node=${one?.node}`, 'mode=all', 'accept-outage=true');
    expect(onNode.gone.map((each) => each.node)).toContain(one?.node);
    expect(new Set(onNode.gone.map((each) => each.node)).size).toBe(1);
    expect((await killed('names=db-1')).gone.map((each) => each.name)).toEqual(['db-1']);
  });

  it('names what there is when nothing matches, and touches nothing', async () => {
    const zones = [...new Set((await pods()).map((one) => one.zone))].sort();
    expect(await refusal(target(), 'zone=moon')).toEqual([
      64,
      `kill-pod.zone: expected one of ${zones.join(', ')}, got "moon".`,
    ]);
    const [, owners] = await refusal(target(), 'owner=deployment/wbe');
    expect(owners).toMatch(
      /^kill-pod\.owner: expected one of deployment\/canary, deployment\/web, replicaset\/canary-\w+, replicaset\/web-\w+, statefulset\/db, got "deployment\/wbe"\. Did you mean deployment\/web\?$/,
    );
    expect(await refusal(target(), 'owner=statefulset/db', 'names=db-0', 'leader-of=orders')).toEqual([
      77,
      'kill-pod.leader-of: expected access to Kafka, which knows the leaders, got platform kubernetes without one. ' +
        'Name the brokers in the target file: kafka: { brokers: ["host:9092"] }',
    ]);
  });

  it('keeps the guards in force: the last ready replica is not taken, however it was chosen', async () => {
    const [code, text] = await refusal(target(), 'names=db-0,db-1', 'owner=deployment/web');
    expect([code, text]).toMatchObject([
      64,
      expect.stringContaining('kill-pod: expected an instance that matches all of'),
    ]);
    const every = (await pods()).map((one) => one.name).join();
    const [refused, why] = await refusal(target(), `names=${every}`, 'mode=all');
    expect(refused).toBe(77);
    expect(why).toMatch(
      /: expected at least one of 6 replicas left ready, got 0 ready after removing 6\. Take fewer, or declare the outage with accept-outage: true\.$/,
    );
  });

  it('needs the right to look at nodes only for a zone, which gauntlet rbac --also zone gives', async (test) => {
    test.skip((await pods())[0]?.zone === '', 'the nodes of this cluster have no zone');
    const give = async (name: string, acts: readonly Need[]): Promise<string> => {
      for (const document of parseAllDocuments(
        rbacManifest({ target: name, services: { shop: SHOP }, acts }),
      )) {
        const object = document.toJS() as { kind: string; metadata: { namespace?: string } };
        await bench.create(PATHS[object.kind]?.(object.metadata.namespace ?? '') ?? '', object);
      }
      return bench.kubeconfig(name, { token: await bench.tokenOf(NAMESPACE, `gauntlet-${name}`) });
    };
    const usual = target(await give(bench.namespace('usual'), usualActs()));
    const zone = (await pods())[0]?.zone ?? '';
    const [code, text] = await refusal(usual, `zone=${zone}`);
    expect(code).toBe(77);
    expect(text).toContain('expected the permission for it');
    expect((await inject(usual, 'owner=statefulset/db')).code).toBe(0);
    const wide = target(await give(bench.namespace('wide'), [...usualActs(), 'placement.zone']));
    await pods();
    expect((await inject(wide, `zone=${(await pods())[0]?.zone}`)).code).toBe(0);
  });
});

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const PATHS: Readonly<Record<string, (namespace: string) => string>> = {
  ServiceAccount: (namespace) => `/api/v1/namespaces/${namespace}/serviceaccounts`,
  Role: (namespace) => `${RBAC}/namespaces/${namespace}/roles`,
  RoleBinding: (namespace) => `${RBAC}/namespaces/${namespace}/rolebindings`,
  ClusterRole: () => `${RBAC}/clusterroles`,
  ClusterRoleBinding: () => `${RBAC}/clusterrolebindings`,
};
