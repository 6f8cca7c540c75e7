/**
 * The formats that CI servers read, from a kept run folder through the built CLI, and the snippets of docs/gate.md as a runner would
 * run them.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { programPath, projectRoot } from '../../src/system/project.ts';
import { Bench } from './support/gauntlet.ts';

const bench = new Bench();
const EXAMPLE = join(projectRoot, 'reports/example');
const read = (name: string): string => readFileSync(join(bench.folder, name), 'utf8');

describe('gauntlet report', () => {
  it('prints annotations and appends the summary', async () => {
    const out = join(bench.folder, 'summary.md');
    writeFileSync(out, '# Before\n');
    const { code, stdout } = await bench.run('report', EXAMPLE, '--format', 'github', '--out', out);
    const { verdict } = JSON.parse(readFileSync(join(EXAMPLE, 'result.json'), 'utf8')) as {
      verdict: { exitCode: number; status: string };
    };
    expect(code).toBe(verdict.exitCode);
    expect(stdout).toMatch(/^::(error|warning|notice) title=demo on sandbox::[A-Z-]+: /);
    expect(stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(10);
    expect(read('summary.md')).toMatch(new RegExp(`^# Before\n# ${verdict.status}: demo on sandbox\n`));
  });

  it('takes the file of the step, and asks for one outside of GitHub Actions', () => {
    const main = programPath('src/cli/main');
    const run = (env: NodeJS.ProcessEnv) =>
      spawnSync(process.execPath, [main, 'report', EXAMPLE, '--format', 'github'], { env, encoding: 'utf8' });
    const { GITHUB_STEP_SUMMARY: _, ...outside } = process.env;
    const refused = run(outside);
    expect(refused.status).toBe(64);
    expect(refused.stderr).toContain(
      '--out: expected a file for the summary, since GITHUB_STEP_SUMMARY is not set, got nothing',
    );
    run({ ...outside, GITHUB_STEP_SUMMARY: join(bench.folder, 'step.md') });
    expect(read('step.md')).toContain('demo on sandbox');
  });

  it('writes the metrics of a merge request, and any other format, into a file', async () => {
    const [metrics, junit] = [join(bench.folder, 'metrics.txt'), join(bench.folder, 'junit.xml')];
    await bench.run('report', EXAMPLE, '--format', 'gitlab', '--out', metrics);
    const { stdout } = await bench.run('report', EXAMPLE, '--format', 'gitlab');
    expect(read('metrics.txt')).toBe(stdout);
    expect(stdout).toMatch(/^gauntlet_exit_code \d\n(gauntlet_\w+\{[^ {}#]+\} [\d.e-]+\n)+$/);
    await bench.run('report', EXAMPLE, '--format', 'junit', '--out', junit);
    expect(read('junit.xml')).toMatch(/^<\?xml .*<\/testsuites>\n$/s);
  });

  it('is whole for a reader that is slow: a pipe holds 64 KiB', () => {
    const slow = `'${process.execPath}' '${programPath('src/cli/main')}' report '${EXAMPLE}' --format html | (sleep 1; cat)`;
    const { stdout } = spawnSync('sh', ['-c', slow], { encoding: 'utf8' });
    expect(stdout.length).toBeGreaterThan(150_000);
    expect(stdout.trimEnd()).toMatch(/<\/html>$/);
  });

  it('prints the metrics of a run in both text formats, whole', async () => {
    const prom = await bench.run('report', EXAMPLE, '--format', 'prom');
    expect(prom.stdout).toMatch(/^(# (HELP|TYPE) [^\n]+\n|[a-z_]+\{[^\n]*\} (NaN|[+-]Inf|[\d.e+-]+)\n)+$/);
    const file = join(bench.folder, 'openmetrics.txt');
    await bench.run('report', EXAMPLE, '--format', 'openmetrics', '--out', file);
    const open = await bench.run('report', EXAMPLE, '--format', 'openmetrics');
    expect(read('openmetrics.txt')).toBe(open.stdout);
    expect(open.stdout.endsWith('\n# EOF\n')).toBe(true);
    expect(prom.code).toBe(open.code);
  });

  it('writes the body of a comment beside the summary, and only for GitHub', async () => {
    const [out, comment] = [join(bench.folder, 'with.md'), join(bench.folder, 'comment.md')];
    await bench.run('report', EXAMPLE, '--format', 'github', '--out', out, '--comment', comment);
    expect(read('comment.md')).toMatch(/^<!-- gauntlet:demo:sandbox -->\n# [A-Z-]+: demo on sandbox\n/);
    const refused = await bench.run('report', EXAMPLE, '--format', 'md', '--comment', comment);
    expect(refused.code).toBe(64);
    expect(refused.stderr).toContain('--comment: expected --format github, got --format md');
  });

  it('prints the body for a webhook of Slack', async () => {
    const { stdout } = await bench.run('report', EXAMPLE, '--format', 'slack');
    expect(JSON.parse(stdout)).toMatchObject({ text: expect.stringMatching(/^[A-Z-]+: demo on sandbox\. /) });
  });

  it('says what a history says, with counters over all its nights', async () => {
    const history = join(bench.folder, 'history');
    mkdirSync(history);
    writeFileSync(join(history, 'gauntlet-history.json'), '{"schema":"gauntlet.history/1"}');
    await bench.run('history', 'add', history, EXAMPLE);
    const text = await bench.run('report', history);
    expect(text.stdout).toMatch(/^INSUFFICIENT-HISTORY: 1 of the 12 comparable nights/);
    const prom = await bench.run('report', history, '--format', 'prom');
    expect(prom.stdout).toContain('gauntlet_history_nights{campaign="demo",environment="sandbox"} 1\n');
    expect(prom.stdout).toContain('chaos_experiment_started_total{campaign="demo",environment="sandbox"');
    const other = await bench.run('report', history, '--format', 'junit');
    expect(other.code).toBe(64);
    expect(other.stderr).toContain(
      '--format: expected for a history one of text, md, json, prom, openmetrics, github, got junit',
    );
  });

  it('refuses a file without a format, and a file that cannot be written', async () => {
    const without = await bench.run('report', EXAMPLE, '--out', join(bench.folder, 'x'));
    expect(without.code).toBe(64);
    expect(without.stderr).toContain('--out: expected a --format to write there');
    const nowhere = await bench.run(
      'report',
      EXAMPLE,
      '--format',
      'md',
      '--out',
      join(bench.folder, 'no/such/folder'),
    );
    expect(nowhere.code).toBe(64);
    expect(nowhere.stderr).toContain('--out: expected a file that can be written, got ENOENT');
  });
});

interface Step {
  readonly run?: string;
  readonly gate?: {
    readonly script: readonly string[];
    readonly allow_failure: { readonly exit_codes: readonly number[] };
  };
}

const page = readFileSync(join(projectRoot, 'docs/gate.md'), 'utf8');
const snippets = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(
  ([, text = '']) => parse(text) as Step[] | Step,
);

/** As GitHub runs a step: `bash -eo pipefail`, here with `npx gauntlet gate` ending as it is told to. */
function step(gateCode: number): { readonly code: number | null; readonly stdout: string } {
  const script = snippets
    .flatMap((one) => (Array.isArray(one) ? one : []))
    .find((one) => one.run?.includes('gauntlet gate'))?.run;
  const file = join(bench.folder, 'step.sh');
  writeFileSync(file, `npx() { shift; if [ "$1" = gate ]; then return ${gateCode}; fi; shift; shift; `);
  appendFileSync(
    file,
    `"${process.execPath}" "${programPath('src/cli/main')}" report "${EXAMPLE}" "$@"; }\n${script}`,
  );
  const { status, stdout } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', file], {
    env: { ...process.env, GITHUB_STEP_SUMMARY: join(bench.folder, 'steps.md') },
    encoding: 'utf8',
  });
  return { code: status, stdout };
}

describe('the snippets of docs/gate.md', () => {
  it.each([
    [0, 0],
    [1, 1],
    [2, 0],
    [3, 3],
    [64, 64],
  ])(
    'end a step of GitHub Actions whose gate ended with %i with %i, and say what the report says',
    (gate, job) => {
      const { code, stdout } = step(gate);
      expect(code).toBe(job);
      expect(stdout).toContain('::');
    },
  );

  it('let GitLab take 2 for a warning, and no other code', () => {
    const job = snippets.flatMap((one) => (Array.isArray(one) ? [] : (one.gate ?? [])))[1];
    expect(job?.allow_failure.exit_codes).toEqual([2]);
    expect(job?.script[0]).toMatch(
      /^npx gauntlet gate \S+ --baseline \S+ --candidate \S+ --budget 15m --out gate-run --yes$/,
    );
  });
});
