/** Gates with real faults on two sandboxes: one to its answer, one killed while a fault is in place. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Result } from '../../src/core/result.ts';
import { assembleRun } from '../../src/run/verdict/assemble.ts';
import { Bench } from './support/gauntlet.ts';
import { requireTestTools } from './support-services/test-tools.ts';

const FLOW = 'specialist.business';
const bench = new Bench();
beforeAll(async () => {
  await requireTestTools(['k6', 'redis', 'java', 'kafka']);
});

/** Both targets and a campaign of short blocks, with one look and five fault pairs: at a level that so few can reach. */
function gateArgs(name: string, fault: string): { readonly args: string[]; readonly out: string } {
  const path = (file: string): string => join(bench.folder, `${name}-${file}`);
  for (const side of ['blue', 'green'])
    writeFileSync(
      path(`${side}.yaml`),
      `name: ${side}\nplatform: sandbox\nsandbox: { name: ${name}-${side} }\npolicy: { optIn: true }\n`,
    );
  writeFileSync(
    path('campaign.yaml'),
    `name: gate-faults
target: ${path('blue.yaml')}
load: [{ scenario: specialists, rate: 20/s, weights: { business: 1 }, timeout: 2s }]
warmup: 10s
baseline: 5s
faults: [${fault}]
recovery: { hold: 1s, timeout: 30s }
gate:
  metrics: [p50]
  find: 400%
  alpha: 20%
  block: 1s
  settle: 1s
  pairs: { max: 5, looks: [5] }
  recovery: { find: 200%, pairs: 5 }
`,
  );
  const out = path('run');
  const sides = ['--baseline', path('blue.yaml'), '--candidate', path('green.yaml')];
  return { args: ['gate', path('campaign.yaml'), ...sides, '--out', out, '--seed', '3', '--yes'], out };
}

const linesOf = (out: string, file: string): { kind: string; name?: string; outcome?: string }[] =>
  readFileSync(join(out, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('a gate with faults on two sandboxes (depends on the machine)', () => {
  it('kills the same pod on both sides in turn, and compares how long their clients waited', async () => {
    const { args, out } = gateArgs('kill', '{ kill-pod: { service: specialist-business } }');
    const { stdout, stderr } = await bench.run(...args);
    const result = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as Result;
    const [recovery] = result.gate?.recoveries ?? [];
    expect(stderr).not.toContain('RESIDUE');
    expect(['PASS', 'INCONCLUSIVE']).toContain(result.verdict.status);
    // The supervisor starts a victim again after 0, 1, 2, 4, 8 s: the last kill may be proven too late.
    expect(recovery?.pairs).toMatchObject({ planned: 5, run: 5 });
    expect(recovery?.pairs.kept).toBeGreaterThanOrEqual(4);
    for (const { baseline, candidate } of recovery?.byPair ?? []) {
      expect([baseline.status, candidate.status]).toEqual(['recovered', 'recovered']);
      expect(candidate.ms / baseline.ms).toBeGreaterThan(0.2);
      expect(candidate.ms / baseline.ms).toBeLessThan(5);
    }
    expect(stdout).toContain(`after kill-pod, ${FLOW}`);
    for (const [file, side] of [
      ['journal.ndjson', '@candidate'],
      ['journal-baseline.ndjson', '@baseline'],
    ] as const) {
      const lines = linesOf(out, file);
      const opened = lines.filter((one) => one.kind === 'opened');
      expect(opened.length).toBeGreaterThanOrEqual(4);
      expect(opened.every((one) => one.name?.includes(side))).toBe(true);
      expect(lines.filter((one) => one.kind === 'closed')).toHaveLength(opened.length);
    }
    expect(assembleRun(out).result.gate).toEqual(result.gate);
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('Recovery after faults');
    expect(await bench.quiet(20_000)).toEqual([]);
  });

  it('that is killed while a fault is in place leaves nothing on either side', async () => {
    const { args, out } = gateArgs('torn', '{ pause-pod: { service: specialist-business, for: 20s } }');
    const running = bench.start(args);
    await running.said(': injected, proven within');
    running.child.kill('SIGKILL');
    await running.finished;
    expect(await bench.quiet(60_000)).toEqual([]);
    for (const side of ['blue', 'green']) {
      const target = join(bench.folder, `torn-${side}.yaml`);
      const { code, stdout, stderr } = await bench.run('recover', '--target', target);
      expect([code, `${stdout}${stderr}`]).toEqual([0, expect.not.stringContaining('RESIDUE')]);
    }
    const open = ['journal.ndjson', 'journal-baseline.ndjson'].flatMap((file) => {
      const lines = linesOf(out, file);
      const closed = lines.filter((one) => one.kind === 'closed').length;
      return lines.filter((one) => one.kind === 'opened').slice(closed);
    });
    expect(open).toEqual([]);
    expect(assembleRun(out).result.verdict.status).toBe('INVALID');
  });
});
