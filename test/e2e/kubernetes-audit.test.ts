/**
 * Audits of a namespace against a real API server and real controllers (pods of kwok): both clusters of
 * systems/vertice, by the command and in a run during which one finding of each kind is planted.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { postFixture } from '../../packages/test-cluster/src/platform/fixture.ts';
import type { AuditReading } from '../../src/core/audit.ts';
import type { Result } from '../../src/core/result.ts';
import { inspectParts } from '../../src/system/toolchain/parts.ts';
import { KubeBench, missingOwn } from './support-kube/kube-bench.ts';
import { plantOneOfEach } from './support-kube/planted-findings.ts';

const bench = new KubeBench();
const [k6] = await inspectParts(['k6'], bench.context);
const lacks = missingOwn ?? (k6?.found ? null : 'SKIPPED: audits in a run need k6');
const SYSTEM = resolve('systems/vertice');

/** Answers as the gateway does when all is well. */
const gateway = createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  const status = { gateway: 'up', circuit_breaker: { open: false, failures: 0 } };
  response.end(JSON.stringify(request.url === '/health' ? { status: 'healthy' } : status));
});

/** The system in a namespace of its own, and a target for it. */
function targetIn(namespace: string): string {
  const text = readFileSync(join(SYSTEM, 'system.yaml'), 'utf8')
    .replace('namespace: vertice', `namespace: ${namespace}`)
    .replace('pendingAfter: 60s', 'pendingAfter: 3s')
    .replace('list: services.txt', `list: ${join(SYSTEM, 'services.txt')}`);
  const system = join(bench.folder, `${namespace}.system.yaml`);
  writeFileSync(system, text);
  const target = join(bench.folder, `${namespace}.yaml`);
  const { port } = gateway.address() as AddressInfo;
  writeFileSync(
    target,
    JSON.stringify({
      ...{ name: namespace, schema: 'gauntlet.target/1', system, platform: 'kubernetes' },
      kubernetes: { context: bench.contextName, kubeconfig: bench.kubeconfigFile },
      services: { 'api-gateway': { address: `http://127.0.0.1:${port}` } },
      policy: { optIn: true },
    }),
  );
  return target;
}

async function cluster(file: string, namespace: string): Promise<string> {
  const text = readFileSync(join(SYSTEM, 'clusters', file), 'utf8')
    .replaceAll('"namespace": "vertice"', `"namespace": "${namespace}"`)
    .replace('"name": "vertice"', `"name": "${namespace}"`);
  const copy = join(bench.folder, file);
  writeFileSync(copy, text);
  await postFixture(bench.kubeconfigFile, copy, { timeoutMs: 60_000, died: () => undefined });
  return targetIn(namespace);
}

async function audited(target: string): Promise<{ code: number | null; audit: AuditReading }> {
  const { code, stdout, stderr } = await bench.run('audit', target, '--json');
  if (stdout === '') throw new Error(stderr);
  return { code, audit: (JSON.parse(stdout) as { audit: AuditReading }).audit };
}

describe.skipIf(lacks !== null)(lacks ?? 'audits of a namespace', () => {
  let repaired = '';
  let older = '';

  beforeAll(async () => {
    await new Promise<void>((open) => gateway.listen(0, '127.0.0.1', open));
    await bench.up();
    repaired = await cluster('86-pods.yaml', 'repaired');
    older = await cluster('99-pods.yaml', 'older');
  });
  afterAll(async () => {
    gateway.close();
    await bench.down();
    expect(await bench.quiet(5000)).toEqual([]);
  });

  it('finds nothing among the 86 pods', async () => {
    const { code, audit } = await audited(repaired);
    expect({ code, pods: audit.pods, workloads: audit.workloads.length }).toEqual({
      ...{ code: 0, pods: 86, workloads: 85 },
    });
    expect(audit.findings.filter((one) => !one.isAllowed)).toEqual([]);
  });

  it('finds the crashing pods of the older snapshot with their owners, those between two crashes too', async () => {
    const { code, audit } = await audited(older);
    expect({ code, pods: audit.pods, services: audit.services }).toEqual({ code: 1, pods: 99, services: 94 });
    const loops = audit.findings.filter((one) => one.kind === 'crash-loop');
    const planned = (
      parse(readFileSync(join(SYSTEM, 'clusters', '99-pods.yaml'), 'utf8')) as {
        kind: string;
        metadata: { name: string; labels: { app: string } };
        status?: { containerStatuses: { state: { running?: object } }[] };
      }[]
    ).filter((one) => one.kind === 'Pod');
    const shown = planned.filter((one) => !one.status?.containerStatuses[0]?.state.running);
    expect([planned.length, shown.length]).toEqual([15, 13]);
    expect(
      loops.flatMap(({ owner, objects }) => objects.map(({ name }) => `${owner} ${name}`)).sort(),
    ).toEqual(planned.map(({ metadata: { name, labels } }) => `Deployment/${labels.app} ${name}`).sort());
    const said = (kind: string) =>
      audit.findings.filter((one) => one.kind === kind && !one.isAllowed).map((one) => one.owner);
    expect(said('leftover-replicaset')).toEqual([
      ...['Deployment/command-bus-service', 'Deployment/offensive-tools-service'],
      'Deployment/tegumentar-service',
    ]);
    expect(said('orphan')).toEqual([]);
  });

  it('fails no-worse in a run during which one of each kind appears, and names them all', async () => {
    const campaign = join(bench.folder, 'campaign.yaml');
    writeFileSync(
      campaign,
      `name: audited
target: given-on-the-command-line
load: [{ scenario: gateway-status, rate: 5/s }]
warmup: 1s
baseline: 6s
faults: [kill-pod: { service: api-gateway }]
recovery: { hold: 2s, timeout: 30s }
objectives: [gateway.status p50 < 2s in baseline, audit no-worse]
`,
    );
    const out = join(bench.folder, 'run');
    const run = bench.start(['run', campaign, '--target', repaired, '--out', out, '--yes']);
    await run.said('phase baseline');
    const planted = await plantOneOfEach(bench.admin, 'repaired');
    const { code, stderr } = await run.finished;
    const result = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as Result;
    expect(code, stderr).toBe(1);
    expect(result.faults.map((one) => one.status)).toEqual(['injected']);
    const worse = (result.audit?.worse ?? []).map(({ kind, owner }) => `${kind} ${owner}`);
    expect(worse.sort()).toEqual([...planted].sort());
    expect(result.objectives.at(-1)).toMatchObject({ name: 'audit no-worse', status: 'FAIL' });
    expect(result.audit?.before).toMatchObject({ kind: 'read', pods: 86 });
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('Audit of the namespaces');
  });
});
