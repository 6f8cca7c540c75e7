/**
 * Restarts and other numbers of real pods, under load: a Deployment and a StatefulSet on one node of our own.
 * Load reaches the pods through the API server's proxy of their Service, which picks a ready endpoint for each
 * request.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { Agent, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRecord, Result } from '../../src/core/result.ts';
import { KubeBench, OPT_IN } from './support-kube/kube-bench.ts';
import { lacksNode } from './support-kube/real-node.ts';

const bench = new KubeBench('node');
const SPACE = 'shop';
const APPS = `/apis/apps/v1/namespaces/${SPACE}`;
const where = (app: string) => ({ namespace: SPACE, selector: `app=${app}` });

/** Drains longer than an endpoint takes to go. */
const spec = (app: string) => ({
  selector: { matchLabels: { app } },
  template: {
    metadata: { labels: { app } },
    spec: {
      terminationGracePeriodSeconds: 10,
      containers: [
        {
          name: 'c',
          image: 'localhost/testpod:1',
          imagePullPolicy: 'Never',
          args: ['serve', '-ready-after', '500ms', '-drain', '2s'],
          readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 1 },
        },
      ],
    },
  },
});

/** The Service of `web` on a port of this machine. */
let relay: Server;
let target: string;
let campaign: string;

async function startRelay(): Promise<number> {
  const url = new URL(`/api/v1/namespaces/${SPACE}/services/web:80/proxy/`, bench.server);
  const pki = (file: string): Buffer => readFileSync(join(bench.cluster.folder, 'pki', file));
  const agent = new Agent({
    ...{ keepAlive: true, maxSockets: 64 },
    ...{ ca: pki('ca.crt'), cert: pki('admin.crt'), key: pki('admin.key') },
  });
  relay = createServer((_, answer) => {
    const asked = get(url, { agent }, (given) => {
      answer.writeHead(given.statusCode ?? 502);
      given.pipe(answer);
    });
    asked.on('error', (error) => answer.writeHead(502).end(String(error)));
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  return (relay.address() as AddressInfo).port;
}

const inject = async (...given: string[]) => {
  const run = await bench.run('inject', ...given, '--target', target, '--yes', '--json');
  return { record: run.stdout === '' ? null : (JSON.parse(run.stdout) as FaultRecord), run };
};

describe.skipIf(lacksNode !== null)(lacksNode ?? 'workloads of real pods', () => {
  beforeAll(async () => {
    await bench.up();
    await bench.create('/api/v1/namespaces', { metadata: { name: SPACE, labels: OPT_IN } });
    await bench.create(`/api/v1/namespaces/${SPACE}/services`, {
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
    });
    await bench.create(`${APPS}/deployments`, {
      metadata: { name: 'web' },
      spec: { replicas: 3, ...spec('web') },
    });
    await bench.create(`${APPS}/statefulsets`, {
      metadata: { name: 'db' },
      spec: { replicas: 2, serviceName: 'db', ...spec('db') },
    });
    await bench.ready(where('web'), 3);
    await bench.ready(where('db'), 2);
    const port = await startRelay();
    const inFolder = (name: string, text: string): string => {
      const file = join(bench.folder, name);
      writeFileSync(file, text);
      return file;
    };
    const system = inFolder(
      'system.yaml',
      [
        'schema: gauntlet.system/1',
        'name: shop',
        'summary: A shop in a cluster of our own',
        `find: { kubernetes: { namespace: ${SPACE}, selector: "app={service}" } }`,
        'services:',
        '  web: { http: { port: 8080, ask: { ready: { get: /, good: 200, timeout: 2s } } }, replicas: { min: 1, max: 5 } }',
        '  db: { tcp: 7000, replicas: 2 }',
        'slos: { web-answers: { limit: shop.default failed < 5%, source: the agreement with the shop } }',
      ].join('\n'),
    );
    target = inFolder(
      'real.yaml',
      JSON.stringify({
        ...{ schema: 'gauntlet.target/1', name: 'real', system, platform: 'kubernetes' },
        kubernetes: { context: bench.contextName, kubeconfig: bench.kubeconfigFile },
        services: { web: { address: `http://127.0.0.1:${port}` } },
        policy: { optIn: true },
      }),
    );
    inFolder(
      'shop.js',
      "import http from 'k6/http';\nexport default function () { http.get(__ENV.BASE_URL); }\n",
    );
    campaign = inFolder(
      'roll.yaml',
      [
        'name: roll',
        `target: ${target}`,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what users write
        'load: [{ script: ./shop.js, env: { BASE_URL: "${web.address}" }, rate: 10/s, timeout: 5s }]',
        'warmup: 2s',
        'baseline: 6s',
        'faults: [{ rolling-restart: { service: web, timeout: 2m } }]',
        'recovery: { hold: 3s, timeout: 30s }',
        'objectives:',
        '  - slo web-answers in fault:rolling-restart',
        '  - web ready >= 3 in fault:rolling-restart',
        '  - web ready >= 4 in baseline',
      ].join('\n'),
    );
  });
  afterAll(async () => {
    relay?.close();
    await bench.down();
    expect(await bench.quiet(5000)).toEqual([]);
  });

  it('rolling-restart of three replicas replaces every uid, and no arrival fails', async () => {
    const before = (await bench.ready(where('web'), 3)).map((one) => one.uid);
    const out = join(bench.folder, 'rolled');
    const run = await bench.run('run', campaign, '--yes', '--out', out);
    const result = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as Result;
    const [record] = result.faults;
    expect(record?.status, `${run.stdout}\n${run.stderr}`).toBe('injected');
    expect(record?.removal?.evidence).toBe('all 3 old instances are replaced, 3 of 3 instances are ready');
    const after = (await bench.ready(where('web'), 3)).map((one) => one.uid);
    expect(after.filter((uid) => before.includes(uid))).toEqual([]);
    expect(result.flows['shop.default']?.['fault:rolling-restart']).toMatchObject({ failed: 0, dropped: 0 });
    expect(result.ledger).toMatchObject({ balanced: true });
    process.stderr.write(`${JSON.stringify(result.objectives, null, 1)}\n`);
    expect(
      result.objectives.map(({ name, status, observed, source }) => [name, status, observed, source]),
    ).toEqual([
      [
        ...['slo web-answers in fault:rolling-restart (shop.default failed < 5%)', 'PASS', 0],
        'the agreement with the shop',
      ],
      ['web ready >= 3 in fault:rolling-restart', 'PASS', 3, null],
      ['web ready >= 4 in baseline', 'FAIL', 3, null],
    ]);
    expect(run.code).toBe(1);
  });

  it('rolling-restart of a StatefulSet replaces one after the other', async () => {
    const before = (await bench.ready(where('db'), 2)).map((one) => one.uid);
    const { record, run } = await inject('rolling-restart', 'service=db');
    expect(record?.status, run.stderr).toBe('injected');
    expect(record?.removal?.evidence).toBe('all 2 old instances are replaced, 2 of 2 instances are ready');
    const after = (await bench.ready(where('db'), 2)).map((one) => one.uid);
    expect(after.filter((uid) => before.includes(uid))).toEqual([]);
  });

  it('scales from 3 to 5 and back, and keeps the three', async () => {
    const before = (await bench.ready(where('web'), 3)).map((one) => one.uid);
    const { record, run } = await inject('scale', 'service=web', 'to=5', '--for', '6s');
    expect(record?.status, run.stderr).toBe('injected');
    expect(record?.victim).toBe('Deployment web of web (3 to 5)');
    expect(record?.injection?.evidence).toMatch(/^5 instances of web exist, \d of them ready; 5 are wanted$/);
    expect(record?.removal?.evidence).toBe(
      'Deployment web wants 3 instances as before, 3 of 3 instances are ready',
    );
    expect((await bench.ready(where('web'), 3)).map((one) => one.uid).sort()).toEqual([...before].sort());
  });

  it('does not overwrite a number that somebody else has set meanwhile', async () => {
    const started = bench.start([
      'inject',
      'scale',
      'service=web',
      'to=5',
      '--for',
      '8s',
      '--target',
      target,
      '--yes',
      '--json',
    ]);
    await started.said('"kind":"fault-injected"');
    const path = `${APPS}/deployments/web/scale`;
    const what = 'scale web by hand';
    await bench.admin.ask({ method: 'PATCH', path, what, body: { spec: { replicas: 4 } } });
    await started.said(
      'Deployment web wants 4 instances: another party changed it meanwhile (before 3, by us 5); not overwritten',
    );
    const platform = bench.platform({ web: where('web') });
    const [workload] = await platform.workloads.list('web');
    platform.close?.();
    expect(workload?.replicas).toBe(4);
    await bench.admin.ask({ method: 'PATCH', path, what, body: { spec: { replicas: 3 } } });
    const record = JSON.parse((await started.finished).stdout) as FaultRecord;
    expect(record).toMatchObject({ status: 'injected', endedBy: 'effect-lost' });
    await bench.ready(where('web'), 3);
  });

  it('is refused for an autoscaler, outside of the bounds, and for another uid nothing happens', async () => {
    const outside = await inject('scale', 'service=web', 'to=6', '--for', '3s');
    expect(outside.run.stderr).toContain('from 1 to 5, the replicas of web in its system, got 6');
    const scaler = {
      metadata: { name: 'web' },
      spec: {
        ...{ minReplicas: 3, maxReplicas: 5, metrics: [] },
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      },
    };
    const path = `/apis/autoscaling/v2/namespaces/${SPACE}/horizontalpodautoscalers`;
    await bench.create(path, scaler);
    const scaled = await inject('scale', 'service=web', 'to=4', '--for', '3s');
    expect(scaled.run.stderr).toContain(
      'HorizontalPodAutoscaler web, which sets it and would undo the fault',
    );
    await bench.admin.ask({ method: 'DELETE', path: `${path}/web`, what: 'remove the scaler' });
    const platform = bench.platform({ web: where('web') });
    const [workload] = await platform.workloads.list('web');
    if (workload === undefined) throw new Error('no workload');
    expect(await platform.workloads.roll({ ...workload, uid: 'other' }, 'm')).toBe('gone');
    expect(await platform.workloads.scale({ ...workload, uid: 'other' }, 3, 4)).toBe('gone');
    expect((await platform.workloads.read(workload))?.replicas).toBe(3);
    platform.close?.();
  });
});
