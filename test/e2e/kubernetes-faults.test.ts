/** The faults on instances other than kill-pod, on a real API server with real controllers (pods of kwok). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRecord } from '../../src/core/result.ts';
import { KubeBench, missing } from './support-kube/kube-bench.ts';

const bench = new KubeBench();

describe.skipIf(missing !== null)(missing ?? 'faults on instances, on Kubernetes', () => {
  beforeAll(async () => await bench.up());
  afterAll(async () => {
    await bench.down();
    expect(await bench.quiet(5000)).toEqual([]);
  });

  it('restart-storm deletes successors of a Deployment, spares the other replicas, and leaves a whole service', async () => {
    const where = await bench.app('storm', 2);
    const before = (await bench.ready(where, 2)).map((pod) => pod.uid);
    const storm = ['inject', 'restart-storm', 'service=web', 'times=3', '--for', '6s', '--yes', '--json'];
    const run = await bench.run(...storm, '--target', bench.target('storm', { web: where }));
    if (run.stdout === '') throw new Error(run.stderr);
    const record = JSON.parse(run.stdout) as FaultRecord;
    expect(record.status).toBe('injected');
    expect(record.injection?.evidence).toMatch(
      /^web-\S+ \(uid \w{8}\) is gone; no probe reaches this service; its successor web-\S+ \(uid \w{8}\) is gone too$/,
    );
    expect(record.removal?.evidence).toBe('3 lives ended, 2 of 2 instances are ready');
    const after = (await bench.ready(where, 2)).map((pod) => pod.uid);
    expect(after.filter((uid) => before.includes(uid))).toHaveLength(1);
  });

  it('pause-pod is refused with the reason, and no pod is touched', async () => {
    const where = await bench.app('pausing', 1);
    const [pod] = await bench.ready(where, 1);
    const target = bench.target('pausing', { web: where });
    const run = await bench.run(
      'inject',
      'pause-pod',
      'service=web',
      '--for',
      '2s',
      '--target',
      target,
      '--yes',
    );
    expect(run.code).toBe(77);
    expect(run.stderr).toContain(
      'pause-pod: expected processes, which signals stop and continue, got instances of platform kubernetes, ' +
        'which can only end them. Leave this fault out.',
    );
    expect((await bench.ready(where, 1))[0]?.uid).toBe(pod?.uid);
  });
});
