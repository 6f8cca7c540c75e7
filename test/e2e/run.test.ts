/** The main job through the built CLI, on a real sandbox with real k6: shorter than the demo, with the same parts. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Result } from '../../src/core/result.ts';
import { Bench } from './support/gauntlet.ts';

const bench = new Bench();

/** Rates are low: this machine may be busy, and the test is about truth, not about speed. */
function campaign(name: string, faults: readonly string[]): string {
  const file = join(bench.folder, `${name}.yaml`);
  const text = [
    `name: ${name}`,
    'target: sandbox',
    'load:',
    '  - { scenario: gateway-intentions, rate: 20/s }',
    '  - { scenario: specialists, rate: 25/s }',
    'warmup: 5s',
    'baseline: 10s',
    faults.length === 0 ? 'faults: []' : 'faults:',
    ...faults.map((fault) => `  - ${fault}`),
    'recovery: { hold: 3s, timeout: 30s }',
    'objectives:',
    '  - gateway.intentions rate >= 19/s in baseline',
    '',
  ];
  writeFileSync(file, text.join('\n'));
  return file;
}

const read = (dir: string, name: string): string => readFileSync(join(dir, name), 'utf8');

describe('gauntlet run', () => {
  it('kills, throttles, proves, measures recovery, judges, and leaves nothing running', async () => {
    const file = campaign('short', [
      'kill-pod: { service: specialist-business, signal: SIGKILL }',
      'throttle-redis: { latency: 40ms, for: 4s }',
    ]);
    const out = join(bench.folder, 'short-run');
    const run = await bench.run('run', file, '--out', out, '--seed', '5', '--json');
    const result = JSON.parse(run.stdout) as Result;
    expect(result.schema).toBe('gauntlet.result/1');
    expect(result.run.seed).toBe(5);
    expect(result.faults.map((fault) => [fault.name, fault.status])).toEqual([
      ['kill-pod', 'injected'],
      ['throttle-redis', 'injected'],
    ]);
    const [kill] = result.faults;
    const pod = kill?.pod?.phases ?? [];
    expect(pod.length).toBeGreaterThan(2);
    expect(kill?.recovery['specialist.business failed']?.status).toMatch(/recovered|never-degraded/);
    expect(kill?.recovery['fresh']?.status).toBe('recovered');
    expect(result.ledger.balanced, JSON.stringify(result.ledger)).toBe(true);
    const baseline = result.flows['gateway.intentions']?.['baseline'];
    // 10 s, and until the last arrivals have settled and the fault is applied.
    expect(baseline?.seconds).toBeGreaterThanOrEqual(9);
    expect(Math.abs((baseline?.due ?? 0) - 20 * (baseline?.seconds ?? 0))).toBeLessThanOrEqual(20);
    const { p50, p99, max } = baseline?.responseMs ?? {};
    expect([p50, p99, max]).toEqual([p50, p99, max].map(Number).sort((a, b) => a - b));
    expect(run.code).toBe(result.verdict.exitCode);
    expect(read(out, 'report.html')).toContain('<html');
    expect((JSON.parse(read(out, 'plan.json')) as { schema: string }).schema).toMatch(/^gauntlet\.plan\//);
    const kinds = (name: string): string[] =>
      read(out, name)
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(kinds('events.ndjson')).toEqual(expect.arrayContaining(['fault-applied', 'fault-removed']));
    expect(kinds('journal.ndjson').at(-1)).toBe('closed');
    expect(read(out, 'latency.hlog')).toMatch(/^#\[Histogram log format version/);
    expect(read(out, 'report.md')).toContain(result.verdict.status);
    expect(read(out, 'junit.xml')).toContain('<testcase');
    const again = await bench.run('report', out, '--format', 'json');
    expect(JSON.parse(again.stdout)).toEqual(result);
    expect(result.verdict.reasons.filter((one) => one.text.startsWith('evidence:'))).toEqual([]);
    const copy = join(bench.folder, 'without-probes');
    cpSync(out, copy, { recursive: true });
    rmSync(join(copy, 'probes.ndjson'));
    const altered = await bench.run('report', copy, '--format', 'json');
    expect(altered.code).toBe(4);
    expect((JSON.parse(altered.stdout) as Result).verdict.reasons).toEqual([
      { status: 'INVALID', text: 'evidence: probes.ndjson is missing' },
    ]);
    expect(await bench.quiet(5000)).toEqual([]);
  });

  it('undoes the fault and stops everything on Ctrl-C in the middle of a fault, and says 130', async () => {
    const out = join(bench.folder, 'interrupted-run');
    const run = bench.start([
      'run',
      campaign('interrupted', ['throttle-redis: { latency: 40ms, for: 60s }']),
      '--out',
      out,
    ]);
    await run.said('throttle-redis');
    await run.said('injected');
    run.child.kill('SIGINT');
    const { code } = await run.finished;
    expect(code).toBe(130);
    expect(read(out, 'journal.ndjson')).toContain('"kind":"closed"');
    const result = JSON.parse(read(out, 'result.json')) as Result;
    expect(result.verdict.status).toBe('INVALID');
    expect(result.verdict.reasons.filter((one) => one.text.startsWith('evidence:'))).toEqual([]);
    expect(await bench.quiet(5000)).toEqual([]);
  });

  it('leaves nothing running after kill -9 of the harness, and the report of what was measured is INVALID', async () => {
    const out = join(bench.folder, 'killed-run');
    const run = bench.start([
      'run',
      campaign('killed', ['throttle-redis: { latency: 40ms, for: 60s }']),
      '--out',
      out,
    ]);
    await run.said('injected');
    run.child.kill('SIGKILL');
    await run.finished;
    expect(await bench.quiet(15_000)).toEqual([]);
    const report = await bench.run('report', out, '--format', 'json');
    const result = JSON.parse(report.stdout) as Result;
    expect(result.verdict.status).toBe('INVALID');
    expect(result.verdict.reasons.filter((one) => one.text.startsWith('evidence:'))).toEqual([]);
    expect(result.flows['gateway.intentions']?.['baseline']?.count).toBeGreaterThan(100);
    expect(report.code).toBe(4);
  });
});

describe('gauntlet refuses before it starts anything:', () => {
  it('a campaign that is not there (64)', async () => {
    const run = await bench.run('run', 'dmo');
    expect(run.code).toBe(64);
    expect(run.stderr).toContain('campaign: expected a file, or one of demo');
    expect(run.stderr).toContain('Did you mean demo?');
  });

  it('an option that does not exist (64)', async () => {
    const run = await bench.run('run', 'demo', '--sed', '1');
    expect(run.code).toBe(64);
    expect(run.stderr).toContain("unknown option '--sed'");
  });

  it('a run directory that is there already is not written into (64)', async () => {
    const run = await bench.run('run', campaign('taken', []), '--out', bench.folder);
    expect(run.code).toBe(64);
    expect(run.stderr).toContain(
      'expected a folder that does not exist yet, got an existing one. Choose another with --out.',
    );
    expect(await bench.quiet(5000)).toEqual([]);
  });

  it('and a dry run prints victims, undo and policy without starting a process', async () => {
    const run = await bench.run('run', 'demo', '--dry-run');
    expect(run.code).toBe(0);
    expect(run.stdout).toContain('Nothing was touched.');
    expect(run.stdout).toContain('partition-kafka');
    expect(await bench.quiet(0)).toEqual([]);
  });
});
