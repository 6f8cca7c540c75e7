/**
 * Three seconds without Redis, on the Active Immune Core in a sandbox: its hormones never come back, its tasks and its
 * view of Redis do, and Gauntlet reports exactly this. A link that only hangs does not end them.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Result } from '../../src/core/result.ts';
import { Bench } from './support/gauntlet.ts';

const bench = new Bench();
const CAMPAIGN = `name: fase-12-short
target: immune
load:
  - { scenario: task, rate: 30/s }
warmup: 3s
baseline: 12s
faults:
  - kill-pod: { service: active-immune-core }
  - cut-link: { from: active-immune-core, to: redis, for: 3s }
  - reset-link: { from: active-immune-core, to: redis, for: 3s }
recovery: { hold: 3s, timeout: 15s }
objectives:
  - immune.task failed < 5% in fault:reset-link
  - active-immune-core:hormones recovered < 10s after cut-link
  - active-immune-core:hormones recovered < 10s after reset-link
  - active-immune-core:sees-redis recovered < 10s after reset-link
`;

it('reports that the hormones did not recover, and that all else did', async () => {
  const file = join(bench.folder, 'fase-12-short.yaml');
  writeFileSync(file, CAMPAIGN);
  const run = await bench.run('run', file, '--out', join(bench.folder, 'run'), '--seed', '7', '--json');
  const result = JSON.parse(run.stdout) as Result;
  expect(result.faults.map((fault) => [fault.name, fault.status])).toEqual([
    ['kill-pod', 'injected'],
    ['cut-link', 'injected'],
    ['reset-link', 'injected'],
  ]);
  const [, cut, reset] = result.faults;
  const status = (fault: typeof cut, sli: string) => fault?.recovery[sli]?.status;
  for (const connection of ['held', 'fresh']) {
    const [hormones, redis] = ['hormones', 'sees-redis'].map(
      (ask) => `active-immune-core:${ask} ${connection}`,
    );
    expect(status(cut, hormones ?? ''), connection).toBe('recovered');
    expect(status(reset, hormones ?? ''), connection).toBe('censored');
    expect(status(reset, redis ?? ''), connection).toBe('recovered');
  }
  expect(status(reset, 'immune.task failed')).toBe('never-degraded');
  expect(result.objectives.map(({ name, status: said }) => [name, said])).toEqual([
    ['immune.task failed < 5% in fault:reset-link', 'PASS'],
    ['active-immune-core:hormones recovered < 10s after cut-link', 'PASS'],
    ['active-immune-core:hormones recovered < 10s after reset-link', 'FAIL'],
    ['active-immune-core:sees-redis recovered < 10s after reset-link', 'PASS'],
  ]);
  expect(result.verdict.status, JSON.stringify(result.verdict)).toBe('FAIL');
  expect(run.code).toBe(1);
  expect(result.ledger.balanced, JSON.stringify(result.ledger)).toBe(true);
  expect(await bench.quiet(20_000)).toEqual([]);
});
