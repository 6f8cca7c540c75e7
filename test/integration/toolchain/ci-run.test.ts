/** .ci/run with an npm that writes the results a vitest would have written: only the summary and the exit code are looked at. */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../../src/system/project.ts';
import { machine } from './fixtures.ts';

const SCRIPT = join(projectRoot, '.ci', 'run');
/** By the suite that it runs beside. */
const BESIDE = new Map([
  ['kubernetes', ['rates']],
  ['package', ['simulation']],
]);
const LONG = (/SUITES=\(([^)]+)\)/.exec(readFileSync(SCRIPT, 'utf8'))?.[1] ?? '')
  .split(' ')
  .flatMap((name) => [name, ...(BESIDE.get(name) ?? [])]);
const SUITES = ['check', 'test', ...LONG];
/** Tests that pass in all suites but one, two each. */
const OTHERS = 2 * (SUITES.length - 1);

interface Answer {
  readonly results: object | null;
  readonly exit: number;
}

/** Every suite answers in the same way, but for those that are named; so does one test that is asked again. */
function ci(all: Answer, others: Readonly<Record<string, Answer>> = {}, again?: Answer) {
  const own = machine();
  mkdirSync(join(own.folder, '.ci'));
  const script = join(own.folder, '.ci', 'run');
  copyFileSync(SCRIPT, script);
  chmodSync(script, 0o755);
  for (const name of ['java', 'mvn', 'go', 'curl']) own.program(name, 'exit 0');
  const branches = SUITES.map((suite) => {
    const { results, exit } = others[suite] ?? all;
    if (results === null) return `${suite}) exit ${exit};;`;
    const file = own.file(`${suite}.json`, JSON.stringify(results));
    return `${suite}) cp ${file} "$out"; exit ${exit};;`;
  });
  own.program(
    'npm',
    `echo "npm $*" | sed 's/ --outputFile=.*//'
    suite=$3
    for one; do
      case $one in --outputFile=*) out="\${one#*=}";; ${LONG.join('|')}) suite=$one;; e2e) suite=test;; esac
    done
    case $suite in ${branches.join(' ')} esac`,
  );
  if (again) {
    const file = own.file('again.json', JSON.stringify(again.results));
    own.program(
      'npx',
      `for one; do case $one in --outputFile=*) cp ${file} "\${one#*=}";; esac; done; exit ${again.exit}`,
    );
  }
  const env = { PATH: `${own.bin}:${dirname(process.execPath)}:/usr/bin:/bin` };
  const done = spawnSync(script, [], { env, encoding: 'utf8' });
  const lines = done.stdout.trimEnd().split('\n');
  return {
    code: done.status,
    ran: lines.filter((line) => line.startsWith('npm ')),
    last: lines.at(-1),
    lines,
  };
}

const counts = (passed: number, failed: number, pending: number, todo = 0) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: pending,
  numTodoTests: todo,
  testResults: [
    { status: 'passed', name: '/x/a.test.ts', startTime: 0, endTime: 4000, assertionResults: [{}] },
  ],
});
const good: Answer = { results: counts(2, 0, 0), exit: 0 };

describe('.ci/run', { timeout: 60_000 }, () => {
  it('runs the check, builds the test clusters, runs the tests and each long suite, and adds the counts up', () => {
    const { code, ran, last, lines } = ci(good, { kubernetes: { results: counts(1, 0, 2, 1), exit: 0 } });
    expect(ran).toEqual([
      'npm run --silent check -- --reporter=default --reporter=json',
      'npm run --silent cluster -- up --kind kwok --name ci',
      'npm run --silent cluster -- down --name ci',
      'npm run --silent cluster -- up --kind node --name ci',
      'npm run --silent cluster -- down --name ci',
      'npm run --silent test:long -- --project integration --project light --project e2e --reporter=default --reporter=json',
      ...LONG.map(
        (name) => `npm run --silent test:long -- --project ${name} --reporter=default --reporter=json`,
      ),
    ]);
    expect({ code, last }).toEqual({ code: 0, last: `${OTHERS + 1} passed, 0 failed, 3 skipped` });
    expect(lines).toContain('.ci/run: slowest of healing: a.test.ts 4 s');
  });

  it('fails when a test failed in any suite, also when npm did not say so', () => {
    const last = `${OTHERS + 1} passed, 1 failed, 0 skipped`;
    for (const exit of [1, 0]) {
      const failed = { results: counts(1, 1, 0), exit };
      expect(ci(good, { check: failed })).toMatchObject({ code: 1, last });
      expect(ci(good, { truth: failed })).toMatchObject({ code: 1, last });
    }
  });

  it('counts a file that did not load as a failure', () => {
    const unloaded = {
      status: 'failed',
      name: '/x/b.test.ts',
      startTime: 0,
      endTime: 0,
      assertionResults: [],
    };
    const results = { ...counts(5, 0, 0), testResults: [unloaded] };
    expect(ci(good, { test: { results, exit: 0 } })).toMatchObject({
      code: 1,
      last: `${OTHERS + 5} passed, 1 failed, 0 skipped`,
    });
  });

  it('fails when a suite ran nothing, wrote nothing, or ended before its tests', () => {
    expect(ci(good, { sandbox: { results: counts(0, 0, 3), exit: 0 } })).toMatchObject({
      code: 1,
      last: `${OTHERS} passed, 0 failed, 3 skipped`,
    });
    expect(ci(good, { sandbox: { results: null, exit: 0 } }).code).toBe(70);
    const early = ci(good, { check: { results: null, exit: 69 } });
    expect(early).toMatchObject({ code: 69, last: `${OTHERS} passed, 0 failed, 0 skipped` });
    expect(early.lines).toContain('.ci/run: check: it wrote no test results (exit code 69)');
  });

  it('runs a failed test a second time, alone, and names it as flaky in its last lines', () => {
    const tries = [
      { status: 'failed', fullName: 'proxy adds nothing', failureMessages: ['Error: 3 ms\n    at x.ts:1'] },
      { status: 'passed', fullName: 'proxy closes', failureMessages: [] },
    ];
    const one = { status: 'failed', name: '/x/a.test.ts', startTime: 0, endTime: 0, assertionResults: tries };
    const failed = { results: { ...counts(1, 1, 0), testResults: [one] }, exit: 1 };
    const { code, lines } = ci(good, { truth: failed }, good);
    expect(lines.filter((line) => line.includes('second try'))).toEqual([
      '.ci/run: second try, alone: proxy adds nothing',
      expect.stringMatching(
        /^\.ci\/run: flaky, passed only in its second try: .*a\.test\.ts: proxy adds nothing: Error: 3 ms$/,
      ),
    ]);
    expect([code, lines.at(-1)]).toEqual([0, `${OTHERS + 2} passed, 0 failed, 0 skipped`]);
    const twice = ci(good, { truth: failed }, { results: counts(0, 1, 0), exit: 1 });
    expect([twice.code, twice.last]).toEqual([1, `${OTHERS + 1} passed, 1 failed, 0 skipped`]);
  });

  it('fails when npm failed although every test passed', () => {
    expect(ci(good, { healing: { results: counts(2, 0, 0), exit: 1 } })).toMatchObject({
      code: 1,
      last: `${OTHERS + 2} passed, 0 failed, 0 skipped`,
    });
  });
});
