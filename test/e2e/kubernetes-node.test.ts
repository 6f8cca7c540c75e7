/** Real pods: kubelet, containerd and runc on one node of our own. What the timeline says against what the kubelet stamped. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeGroups } from '../../packages/test-cluster/src/node.ts';
import type { FaultRecord } from '../../src/core/result.ts';
import { KubeBench, OPT_IN } from './support-kube/kube-bench.ts';
import { lacksNode } from './support-kube/real-node.ts';

const bench = new KubeBench('node');
const READY_AFTER_MS = 700;
const WEB = { namespace: 'real', selector: 'app=web' };
const mounts = (): number => readFileSync('/proc/self/mounts', 'utf8').split('\n').length;

describe.skipIf(lacksNode !== null)(lacksNode ?? 'real pods', () => {
  const before = { mounts: mounts(), panic: readFileSync('/proc/sys/kernel/panic', 'utf8') };

  beforeAll(async () => {
    await bench.up();
    await bench.create('/api/v1/namespaces', { metadata: { name: 'real', labels: OPT_IN } });
    await bench.create('/api/v1/namespaces/real/services', {
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
    });
    const container = {
      name: 'web',
      image: 'localhost/testpod:1',
      imagePullPolicy: 'Never',
      args: ['serve', '-ready-after', `${READY_AFTER_MS}ms`, '-drain', '1500ms'],
      readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 1 },
    };
    await bench.create('/apis/apps/v1/namespaces/real/deployments', {
      metadata: { name: 'web' },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { terminationGracePeriodSeconds: 10, containers: [container] },
        },
      },
    });
    await bench.ready(WEB, 2);
  });
  afterAll(async () => {
    await bench.down();
    expect(await bench.quiet(5000)).toEqual([]);
    expect(nodeGroups(bench.cluster.folder)).toEqual([]);
    expect({ mounts: mounts(), panic: readFileSync('/proc/sys/kernel/panic', 'utf8') }).toEqual(before);
  });

  it('drain, come back and are in their endpoints in stretches that fit to the stamps of the kubelet', async () => {
    const old = await bench.ready(WEB, 2);
    const target = bench.target('real', { web: WEB });
    const run = await bench.run(
      'inject',
      'kill-pod',
      'service=web',
      'signal=SIGTERM',
      '--target',
      target,
      '--yes',
      '--json',
    );
    const record = JSON.parse(run.stdout) as FaultRecord;
    expect(record.status, run.stderr).toBe('injected');
    const phases = record.pod?.phases ?? [];
    process.stderr.write(`${phases.map((one) => `${one.ms.toFixed(1)} ms ${one.name}`).join('\n')}\n`);
    /** When a mark was reached, counted from the deletion. */
    const at = (mark: string): number => {
      const index = phases.findIndex((one) => one.name.endsWith(` to ${mark}`));
      expect(index, mark).toBeGreaterThanOrEqual(0);
      return phases.slice(0, index + 1).reduce((sum, one) => sum + one.ms, 0);
    };
    const applied = record.appliedAt ?? 0;
    const successor = (await bench.ready(WEB, 2)).find((one) => !old.some((was) => was.uid === one.uid));
    // The process drains for 1.5 s; a ReplicaSet does not wait for that.
    expect(at('victim gone')).toBeGreaterThan(1500);
    expect(at('successor created')).toBeLessThan(at('victim gone'));
    expect(at('successor ready') - at('successor created')).toBeGreaterThan(READY_AFTER_MS);
    // Each stamp is cut to the second: the true instant is in the second after it; 20 ms for the way to us.
    for (const [mark, stamp] of [
      ['successor created', successor?.stamps.created],
      ['successor scheduled', successor?.stamps.scheduled],
      ['successor started', successor?.stamps.started],
      ['successor ready', successor?.stamps.ready],
    ] as const) {
      const seen = applied + at(mark);
      expect(seen, mark).toBeGreaterThanOrEqual((stamp ?? Number.NaN) - 20);
      expect(seen, mark).toBeLessThanOrEqual((stamp ?? Number.NaN) + 1000 + 20);
    }
  });

  it('count as gone at once when the API forgets them, which the timers say', async () => {
    const target = bench.target('real', { web: WEB });
    const run = await bench.run('inject', 'kill-pod', 'service=web', '--target', target, '--yes', '--json');
    const record = JSON.parse(run.stdout) as FaultRecord;
    expect(record.status, run.stderr).toBe('injected');
    expect(record.timers).toContain(
      "The API deletes the pod at once; its containers may run for 2 s more (kubelet's shortest shutdown).",
    );
  });
});
