/**
 * What a foreign script is refused for, in k6's own words and before anything is sent; what it gets of the caller, and
 * what of it is kept; and a function of it on the schedule of a campaign.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ForeignBench, serverTimes } from './foreign/bench.ts';

const SECRET = 'correct-horse-battery';
const bench = new ForeignBench();
beforeAll(async () => {
  process.env['SHOP_TOKEN'] = SECRET;
  await bench.start();
});
afterAll(() => bench.stop());

/** A script with this text, in the folder of the bench. */
function scriptOf(name: string, text: string): string {
  const path = join(bench.bench.folder, name);
  writeFileSync(path, text);
  return path;
}
async function dryRun(script: string, item: readonly string[] = [], rest: readonly string[] = []) {
  const { file, target } = bench.campaign(script, item, rest);
  const { code, stdout, stderr } = await bench.bench.run('run', file, '--target', target, '--dry-run');
  return { code, said: (stdout + stderr).replaceAll(bench.bench.folder, '.') };
}
const http = "import http from 'k6/http';\n";

describe('a foreign script is refused before anything is sent', () => {
  const noop = 'export default function () {}\n';
  it.each([
    ['an extension', `import sql from 'k6/x/sql';\n${noop}`, /unknown modules \["k6\/x\/sql"\]/],
    ['the browser', `import { browser } from 'k6/browser';\n${noop}`, /an import of k6\/browser/],
    ['a module that k6 2 removed', `import r from 'k6/experimental/redis';\n${noop}`, /has been removed/],
    ['a package of npm', `import x from 'lodash';\n${noop}`, /"lodash" couldn't be recognised/],
    ['a syntax error', 'export default function ( {', /Line \d+:\d+ Unexpected/],
    ['init code that throws', `throw new Error('no BASE_URL');\n${noop}`, /Error: no BASE_URL/],
    ['no function to run', 'export const options = {};\n', /no exported function to run/],
    [
      'an exec that is not exported',
      `export const options = { scenarios: { a: { executor: 'constant-vus', vus: 1, duration: '1s', exec: 'nope' } } };\n${noop}`,
      /executor a: function 'nope' not found in exports/,
    ],
    [
      'an executor that k6 2 does not have',
      `export const options = { scenarios: { a: { executor: 'externally-controlled', vus: 1, duration: '1s' } } };\n${noop}`,
      /unknown executor type 'externally-controlled'/,
    ],
  ])('%s', async (name, text, reason) => {
    const { code, said } = await dryRun(scriptOf(`${name.replaceAll(' ', '-')}.js`, text));
    expect(said).toMatch(/^\.\/\d+\.yaml:4:13: load\.script: expected a script that k6 can run, got /);
    expect(said).toMatch(reason);
    expect(said.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(64);
    expect(await bench.log()).toEqual([]);
  });

  it('a path that leads to nothing, and a schedule that ends before the run does', async () => {
    const absent = await dryRun('/nowhere/x.js');
    expect([absent.code, absent.said]).toEqual([
      64,
      expect.stringMatching(
        /a k6 script, by its path relative to this file, got \/.*x\.js, and there is no such file/,
      ),
    ]);
    const short = await dryRun('constant-vus.js', [], ['baseline: 30s']);
    expect(short.code).toBe(64);
    expect(short.said).toMatch(
      /schedule of constant-vus\.default: expected at least \d+ s, the length of the run, got 4 s\. Write rate: and exec:/,
    );
    const counted = await dryRun('shared-array.js', [], ['baseline: 5s']);
    expect(counted.said).toMatch(/got 60 iterations, which end by count\. Write rate:/);
  });

  it('a secret that is not set', async () => {
    const { file, target } = bench.campaign('session.js');
    writeFileSync(file, readFileSync(file, 'utf8').replace('SHOP_TOKEN', 'SHOP_TOKEN_2'));
    const { code, stderr } = await bench.bench.run('run', file, '--target', target);
    expect([code, stderr]).toEqual([
      64,
      expect.stringMatching(
        /load\.env: expected a value in the environment variable SHOP_TOKEN_2, got nothing/,
      ),
    ]);
  });
});

describe('a foreign script', () => {
  it('is shown in the plan with its digest, executors, model and what is flagged', async () => {
    const { code, said } = await dryRun('thresholds.js', [], []);
    expect(code).toBe(0);
    expect(said).toMatch(
      /thresholds\.js \(sha256 [0-9a-f]{12}\), unchanged; where it sends to is up to the script/,
    );
    expect(said).toContain(
      'thresholds.default (thresholds): shared-iterations of default, 90 iterations, at most 10 min; closed model: response = service, omission cannot be seen, 3 VUs',
    );
    expect(said).toContain('flagged: abortOnFail of a threshold is off');
    expect(said).toContain('threshold, shown and no part of the verdict: answer_size max<1');
    expect(said).toContain('gets the secrets SHOP_TOKEN');
  });

  it('gets what the campaign names and nothing else, and its secrets are in no file', async () => {
    process.env['OF_THE_CALLER'] = 'x';
    const { result, folder, output, server } = await bench.run('session.js');
    expect(result.ledgers['session.members']?.completed).toBe(32);
    expect(server.find(({ path }) => path === '/me')?.cookie).toBe('session=abc123');
    const script = scriptOf(
      'env.js',
      `${http}export default function () { http.get(__ENV.BASE_URL + '/' + Object.keys(__ENV).sort().join('.')); }\n`,
    );
    const seen = (await bench.run(script)).server.map(({ path }) => path.slice(1).split('.'));
    const theirs = seen.flat().filter((name) => !/^(K6_|XDG_|GOGC|HOME|PATH|PWD)/.test(name));
    expect(theirs.sort()).toEqual(['BASE_URL', 'GREETER', 'TOKEN']);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true });
    const texts = files
      .filter((one) => one.isFile())
      .map((one) => readFileSync(join(one.parentPath, one.name), 'utf8'));
    expect(texts.length).toBeGreaterThan(5);
    expect([...texts, output].filter((text) => text.includes(SECRET))).toEqual([]);
    expect(readFileSync(join(folder, 'k6/session.stderr'), 'utf8')).toContain('stopped with [SHOP_TOKEN]');
  });

  it('whose setup fails is INVALID', async () => {
    const script = scriptOf(
      'no-login.js',
      `${http}export function setup() { throw new Error('no login'); }\nexport default function () { http.get(__ENV.BASE_URL); }\n`,
    );
    const { result, code, server } = await bench.run(script);
    expect(result.verdict.status).toBe('INVALID');
    expect(code).toBe(result.verdict.exitCode);
    expect(JSON.stringify(result.verdict.reasons)).toMatch(/exception in the script.*no login/);
    expect(server).toEqual([]);
  });

  it('that sends no request has no service time: NO-DATA', async () => {
    const script = scriptOf(
      'idle.js',
      'export const options = { vus: 1, iterations: 30 };\nexport default function () {}\n',
    );
    const { result } = await bench.run(
      script,
      [],
      ['objectives:', '  - idle.default failed < 50% in baseline'],
    );
    expect(result.verdict.reasons).toContainEqual({
      status: 'NO-DATA',
      text: 'idle.default: none of its 30 iterations sent a request of HTTP or gRPC',
    });
  });

  it('lends one of its functions to the schedule of a campaign', async () => {
    const item = ['rate: 20/s', 'exec: buy', 'timeout: 1s'];
    const rest = [
      'warmup: 2s',
      'baseline: 4s',
      'objectives:',
      '  - ramping-arrival.buy failed < 10% in baseline',
    ];
    const { result, server } = await bench.run('ramping-arrival.js', item, rest);
    expect(result.ledgers['ramping-arrival.buy']?.problems).toEqual([]);
    expect(result.scripts?.[0]?.models).toEqual({ 'ramping-arrival.buy': 'open' });
    const { dueRate = 0 } = result.flows['ramping-arrival.buy']?.['baseline'] ?? {};
    expect(Math.abs(dueRate - 20)).toBeLessThanOrEqual(1);
    const { completed = -1, interrupted = 0 } = result.ledgers['ramping-arrival.buy'] ?? {};
    const seen = serverTimes(server).length;
    expect(seen).toBeGreaterThanOrEqual(completed);
    expect(seen).toBeLessThanOrEqual(completed + interrupted);
    expect(result.verdict.reasons.filter(({ status }) => status === 'FAIL')).toEqual([]);
  });
});
