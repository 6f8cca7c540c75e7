/** .ci/run with an npm that writes the results a vitest would have written: only the summary and the exit code are looked at. */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../../src/system/project.ts';
import { machine } from './fixtures.ts';

function ci(results: object | null, npmExit: number) {
  const own = machine();
  mkdirSync(join(own.folder, '.ci'));
  const script = join(own.folder, '.ci', 'run');
  copyFileSync(join(projectRoot, '.ci', 'run'), script);
  chmodSync(script, 0o755);
  own.file('results.json', JSON.stringify(results));
  for (const name of ['java', 'mvn', 'go', 'curl']) own.program(name, 'exit 0');
  const write =
    results === null
      ? ':'
      : `for one; do case $one in --outputFile=*) cp ${own.folder}/results.json "\${one#*=}";; esac; done`;
  own.program('npm', `echo "npm $1 $2 $3 $4"; ${write}; exit ${npmExit}`);
  const env = { PATH: `${own.bin}:${dirname(process.execPath)}:/usr/bin:/bin` };
  const done = spawnSync(script, [], { env, encoding: 'utf8' });
  const lines = done.stdout.trimEnd().split('\n');
  return {
    code: done.status,
    ran: lines.filter((line) => line.startsWith('npm ')),
    last: lines.at(-1),
    all: done.stdout,
  };
}

const counts = (passed: number, failed: number, pending: number, todo = 0) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: pending,
  numTodoTests: todo,
  testResults: [{ status: 'passed', assertionResults: [{}] }],
});

describe('.ci/run', () => {
  it('builds the test clusters, runs npm test and ends with the counts', () => {
    expect(ci(counts(12, 0, 2, 1), 0)).toMatchObject({
      code: 0,
      ran: [
        ...Array.from({ length: 4 }, () => 'npm run --silent cluster --'),
        'npm test -- --retry=1 --reporter=default',
      ],
      last: '12 passed, 0 failed, 3 skipped',
    });
  });

  it('fails when a test failed, also when npm did not say so', () => {
    expect(ci(counts(11, 1, 0), 1)).toMatchObject({ code: 1, last: '11 passed, 1 failed, 0 skipped' });
    expect(ci(counts(11, 1, 0), 0)).toMatchObject({ code: 1, last: '11 passed, 1 failed, 0 skipped' });
  });

  it('counts a file that did not load as a failure', () => {
    const results = { ...counts(5, 0, 0), testResults: [{ status: 'failed', assertionResults: [] }] };
    expect(ci(results, 0)).toMatchObject({ code: 1, last: '5 passed, 1 failed, 0 skipped' });
  });

  it('fails when nothing ran, was written, or came before the tests', () => {
    expect(ci(counts(0, 0, 3), 0)).toMatchObject({ code: 1, last: '0 passed, 0 failed, 3 skipped' });
    expect(ci(null, 0)).toMatchObject({ code: 70, last: '0 passed, 0 failed, 0 skipped' });
    const early = ci(null, 69);
    expect(early).toMatchObject({ code: 69, last: '0 passed, 0 failed, 0 skipped' });
    expect(early.all).toContain('.ci/run: npm test: expected results of tests, got none (exit code 69).\n');
  });

  it('tells which test passed only when it was asked again, and why it was', () => {
    const tries = [
      { status: 'passed', fullName: 'proxy adds nothing', failureMessages: ['Error: 3 ms\n    at x.ts:1'] },
      { status: 'passed', fullName: 'proxy closes', failureMessages: [] },
    ];
    const results = { ...counts(2, 0, 0), testResults: [{ status: 'passed', assertionResults: tries }] };
    const { code, all, last } = ci(results, 0);
    expect({ code, last }).toEqual({ code: 0, last: '2 passed, 0 failed, 0 skipped' });
    expect(all.split('\n').filter((line) => line.includes('asked again'))).toEqual([
      '.ci/run: passed only when asked again: proxy adds nothing: Error: 3 ms',
    ]);
  });

  it('fails when npm failed although every test passed', () => {
    expect(ci(counts(5, 0, 0), 1)).toMatchObject({ code: 1, last: '5 passed, 0 failed, 0 skipped' });
  });
});
