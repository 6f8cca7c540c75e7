/** Victims among 5,000 pods: found in less than 2 s with less than 150 MB, page by page. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KubeBench, missingOwn as missing, OPT_IN } from './support-kube/kube-bench.ts';
import { testProgram } from './support-services/test-program.ts';

const PODS = 5000;
const bench = new KubeBench();

describe.skipIf(missing !== null)(missing ?? 'a cluster of 5,000 pods', () => {
  beforeAll(async () => await bench.up());
  afterAll(async () => await bench.down());

  it('is resolved in less than 2 s and 150 MB', async () => {
    const web = await bench.app('big', PODS, OPT_IN, 110_000);
    const { handle, close } = bench.platform({ web });
    close?.();
    const script = testProgram('resolve-pods');
    const said = execFileSync(process.execPath, [script, JSON.stringify(handle)], { encoding: 'utf8' });
    const seen = JSON.parse(said) as { pods: number; ready: number; times: number[]; maxRssMb: number };
    process.stderr.write(`resolved: ${said}\n`);
    expect(seen).toMatchObject({ pods: PODS, ready: PODS });
    expect(Math.max(...seen.times)).toBeLessThan(2000);
    expect(seen.maxRssMb).toBeLessThan(150);
  });
});
